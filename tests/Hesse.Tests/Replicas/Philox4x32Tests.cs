using Hesse.Replicas;
using Shouldly;
using Xunit;

namespace Hesse.Tests.Replicas;

[Trait("Category", "Numerical")]
public class Philox4x32Tests
{
    // Random123, tests/kat_vectors, philox4x32 10.
    [Theory]
    [InlineData(
        new uint[] { 0, 0, 0, 0 },
        new uint[] { 0, 0 },
        new uint[] { 0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8 }
    )]
    [InlineData(
        new uint[] { 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff },
        new uint[] { 0xffffffff, 0xffffffff },
        new uint[] { 0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd }
    )]
    [InlineData(
        new uint[] { 0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344 },
        new uint[] { 0xa4093822, 0x299f31d0 },
        new uint[] { 0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1 }
    )]
    public void F31_known_answers(uint[] counter, uint[] key, uint[] expected)
    {
        (uint x0, uint x1, uint x2, uint x3) = Philox4x32.Block(
            counter[0],
            counter[1],
            counter[2],
            counter[3],
            key[0],
            key[1]
        );
        new[] { x0, x1, x2, x3 }.ShouldBe(expected);
    }

    [Fact]
    public void Seed_fills_the_key_and_the_counter_is_element_step_replica_stream()
    {
        ulong seed = 0x299f31d0_a4093822;
        Philox4x32
            .Block(seed, 0x243f6a88, 0x85a308d3, 0x13198a2e, (RandomStream)0x03707344)
            .ShouldBe((0xd16cfe09u, 0x94fdccebu, 0x5001e420u, 0x24126ea1u));
    }

    [Fact]
    public void The_names_and_numbers_of_the_scheme_stay()
    {
        Philox4x32.Scheme.ShouldBe("philox4x32-10/v1");
        Enum.GetValues<RandomStream>()
            .Select(stream => $"{(uint)stream} {stream}")
            .ShouldBe([
                "1 InitialParameters",
                "2 GaussMeans",
                "3 GaussNoise",
                "4 RandomLabels",
                "5 BatchEpochs",
                "6 BatchWithReplacement",
                "7 TestNoise",
                "8 Bootstrap",
                "9 ProbeVectors",
                "10 LanczosStart",
                "11 OptimizerNoise",
                "12 NoiseBatches",
                "13 NoiseDirections",
                "14 NormalSamples",
                "20 ProjectionDirections",
                "21 DataInputs",
                "22 DataTarget",
                "23 DataChoice",
                "40 PosteriorDraws",
                "41 TwinRows",
                "42 TwinDraws",
                "43 TwinLabels",
                "44 PathNoise",
            ]);
    }

    // Philox is a bijection of counters, so equal blocks mean equal counters. The counters sit on both sides of every word's
    // carry: an implementation that adds a carry into the neighbouring word meets its neighbour here.
    [Fact]
    public void F31_counters_around_the_carry_of_every_word_give_different_blocks()
    {
        uint[] words = [0, 1, 2, uint.MaxValue - 1, uint.MaxValue, int.MaxValue, 1u << 31];
        HashSet<(uint, uint, uint, uint)> blocks = [];
        foreach (uint element in words)
        {
            foreach (uint step in words)
            {
                foreach (uint replica in words)
                {
                    foreach (RandomStream stream in Enum.GetValues<RandomStream>())
                    {
                        blocks.Add(Philox4x32.Block(1907, element, step, replica, stream));
                    }
                }
            }
        }

        blocks.Count.ShouldBe(words.Length * words.Length * words.Length * Enum.GetValues<RandomStream>().Length);
    }

    [Fact]
    public void F31_seeds_and_streams_do_not_collide()
    {
        HashSet<(uint, uint, uint, uint)> blocks = [];
        const int Seeds = 10_000;
        RandomStream[] streams = Enum.GetValues<RandomStream>();
        for (int i = 0; i < Seeds; i++)
        {
            // Small seeds, and the same shifted into the upper word.
            ulong seed = i % 2 == 0 ? (ulong)i : (ulong)i << 32;
            foreach (RandomStream stream in streams)
            {
                blocks.Add(Philox4x32.Block(seed, 0, 0, 0, stream));
            }
        }

        blocks.Count.ShouldBe(Seeds * streams.Length);
    }
}
