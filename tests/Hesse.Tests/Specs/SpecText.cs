using System.Text;
using Hesse.Specs;

namespace Hesse.Tests.Specs;

/// <summary>A small spec in YAML and what becomes of it when a line is changed.</summary>
internal static class SpecText
{
    /// <summary>Only required keys.</summary>
    public const string Minimal = """
        version: 1
        name: tiny
        data: {kind: gauss}
        network: {hidden: [10, 30]}
        loss: cross-entropy
        training: {optimizer: {kind: sgd, step-size: 0.1}, batch: {size: 5}, steps: 20}

        """;

    /// <summary>Every section, one key a line where a test changes it.</summary>
    public const string Full = """
        version: 1
        name: tiny
        seed: 7
        replicas: 3
        precision: float32
        observation-precision: float64
        data:
          kind: gauss
          classes: 10
          dimension: 50
          samples: 100
          test-samples: 20
          mean-scale: 4.0
          noise-scale: 2.0
          random-labels: 0.1
          per-replica: false
        network:
          hidden: [10, 30]
          activation: relu
          bias: true
          initialization: he-normal
          gain: 1.5
          shared-initialization: true
        loss: cross-entropy
        training:
          optimizer: {kind: sgd, step-size: 0.1, weight-decay: 0}
          batch: {size: 5, order: epochs}
          steps: 20
        observe:
          - {quantity: loss, every: 5}
          - {quantity: test-accuracy, at: [0, 20]}
          - {quantity: trace, log-spaced: 3}
        statistics: {quantiles: [0.25, 0.5]}

        """;

    public static Spec Read(string yaml, params SpecOverride[] overrides) =>
        SpecReader.Parse(Encoding.UTF8.GetBytes(yaml), SpecFormat.Yaml, "spec.yaml", "/data", overrides);

    public static Spec ReadJson(string json, params SpecOverride[] overrides) =>
        SpecReader.Parse(Encoding.UTF8.GetBytes(json), SpecFormat.Json, "spec.json", "/data", overrides);

    /// <summary>The lines of the message that a bad spec ends with.</summary>
    public static string[] FaultsOf(string yaml, params SpecOverride[] overrides) =>
        Lines(() => Read(yaml, overrides), overrides.Length > 0);

    public static string[] FaultsOfJson(string json) => Lines(() => ReadJson(json), options: false);

    /// <summary><see cref="Full"/> with one piece of text replaced by another.</summary>
    public static string With(string old, string changed)
    {
        Full.ShouldContain(old);
        return Full.Replace(old, changed);
    }

    private static string[] Lines(Action read, bool options)
    {
        HesseException fault = Should.Throw<HesseException>(read);
        fault.Code.ShouldBe(options ? ExitCode.Usage : ExitCode.BadData);
        return fault.Message.Split('\n');
    }
}
