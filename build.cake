// dotnet tool restore && dotnet cake --target=NAME
var target = Argument("target", "Test");
var configuration = Argument("configuration", "Release");
var artifacts = Directory("./artifacts");

void Run(string program, string arguments, IDictionary<string, string> environment = null)
{
    var settings = new ProcessSettings { Arguments = arguments, EnvironmentVariables = environment };
    var code = StartProcess(program, settings);
    if (code != 0)
    {
        throw new CakeException(code, $"{program} {arguments} ended with exit code {code}");
    }
}

void Dotnet(string arguments, IDictionary<string, string> environment = null) => Run("dotnet", arguments, environment);

Task("Clean")
    .Description("Removes every build output.")
    .Does(() =>
    {
        CleanDirectories("./src/*/bin");
        CleanDirectories("./src/*/obj");
        CleanDirectories("./tests/*/bin");
        CleanDirectories("./tests/*/obj");
        CleanDirectories("./benchmarks/*/bin");
        CleanDirectories("./benchmarks/*/obj");
        CleanDirectory(artifacts);
    });

Task("Build")
    .Description("Builds the solution; warnings are errors.")
    .Does(() => Dotnet($"build -c {configuration} Engine.sln"));

Task("Format")
    .Description("Checks the formatting; `dotnet csharpier format .` mends it.")
    .Does(() => Dotnet("csharpier check ."));

Task("Test")
    .Description("All tests.")
    .IsDependentOn("Build")
    .Does(() => Dotnet($"test -c {configuration} --no-build Engine.sln"));

Task("Emulator")
    .Description("The CUDA emulator in artifacts/emulator, with g++; use it through HESSE_CUDA_LIBRARIES.")
    .Does(() => Run("native/emulator/build.sh", "artifacts/emulator"));

Task("Replay")
    .Description("Every launch of the CUDA tests again, under AddressSanitizer.")
    .IsDependentOn("Build")
    .IsDependentOn("Emulator")
    .Does(() =>
    {
        var recorded = MakeAbsolute(Directory("./artifacts/recorded")).FullPath;
        CleanDirectory(recorded);
        Dotnet(
            $"test -c {configuration} --no-build Engine.sln --filter FullyQualifiedName~Cuda",
            new Dictionary<string, string>
            {
                ["HESSE_EMULATOR_RECORD"] = recorded,
                ["HESSE_EMULATOR_RECORD_LIMIT"] = "1",
            });
        Run("artifacts/emulator/replay", recorded);
    });

Task("Kernels")
    .Description("What the kernels take of a multiprocessor, by NVRTC, in docs/measurements/kernels.md. Needs Debian's apt, no GPU.")
    .IsDependentOn("Build")
    .IsDependentOn("Emulator")
    .Does(() =>
    {
        CleanDirectory("./artifacts/shapes");
        Run("native/nvrtc.sh", "artifacts/nvrtc");
        var shapes = string.Join(" ", GetFiles("./native/emulator/shapes/*.yaml").Select(file => file.GetFilenameWithoutExtension()));
        Run("native/emulator/record.sh", $"artifacts/shapes {shapes}", new Dictionary<string, string> { ["HESSE_EMULATOR_DRY"] = "1" });
        Run("python3", "native/emulator/resources.py artifacts/shapes --nvrtc artifacts/nvrtc --write docs/measurements/kernels.md");
    });

Task("Test-Numerical")
    .Description("The numerical tests again with AVX-512 off, and with all hardware intrinsics off.")
    .IsDependentOn("Build")
    .Does(() =>
    {
        foreach (var knob in new[] { "DOTNET_EnableAVX512", "DOTNET_EnableHWIntrinsic" })
        {
            Dotnet(
                $"test -c {configuration} --no-build Engine.sln --filter Category=Numerical",
                new Dictionary<string, string> { [knob] = "0" });
        }
    });

Task("Docs")
    .Description("Makes the generated pages of docs/ again: spec.md, the quantities in results.md, and the options in cli.md.")
    .IsDependentOn("Build")
    .Does(() =>
    {
        string Page(string name)
        {
            var settings = new ProcessSettings
            {
                Arguments = $"src/Hesse.Cli/bin/{configuration}/net10.0/hesse.dll docs {name}",
                RedirectStandardOutput = true,
            };
            using var process = StartAndReturnProcess("dotnet", settings);
            var text = string.Join("\n", process.GetStandardOutput()) + "\n";
            process.WaitForExit();
            return text;
        }

        const string marker = "<!-- made by dotnet cake --target=Docs -->\n";
        System.IO.File.WriteAllText("docs/spec.md", Page("spec"));
        var head = System.IO.File.ReadAllText("docs/cli.md").Split(marker)[0];
        System.IO.File.WriteAllText("docs/cli.md", head + marker + Page("options"));
        const string quantities = "<!-- quantities: made by dotnet cake --target=Docs -->\n";
        const string end = "<!-- end of quantities -->\n";
        var results = System.IO.File.ReadAllText("docs/results.md");
        var before = results[..(results.IndexOf(quantities) + quantities.Length)];
        System.IO.File.WriteAllText("docs/results.md", before + Page("results") + results[results.IndexOf(end)..]);
    });

Task("Faults")
    .Description("Every fault test with all its repetitions, and a table of what was injected and survived. Some twenty minutes.")
    .IsDependentOn("Build")
    .IsDependentOn("Emulator")
    .Does(() =>
    {
        var table = MakeAbsolute(File("./artifacts/faults.tsv")).FullPath;
        EnsureDirectoryExists(artifacts);
        System.IO.File.Delete(table);
        // Fault tests carry their numbers: F01 to F47.
        var filter = string.Join("|", Enumerable.Range(0, 5).Select(tens => $"FullyQualifiedName~.F{tens}"));
        Dotnet(
            $"test -c {configuration} --no-build tests/Hesse.Tests --filter \"{filter}\"",
            new Dictionary<string, string> { ["HESSE_FAULTS"] = "all", ["HESSE_FAULT_TABLE"] = table });
        Information("| test | injected and survived | times |");
        Information("|---|---|---|");
        foreach (var line in System.IO.File.ReadAllLines(table).OrderBy(line => line, StringComparer.Ordinal))
        {
            Information("| " + string.Join(" | ", line.Split('\t')) + " |");
        }
    });

Task("Fuzz")
    .Description("A million damaged and generated specs.")
    .IsDependentOn("Build")
    .Does(() => Dotnet(
        $"test -c {configuration} --no-build tests/Hesse.Tests --filter FullyQualifiedName~SpecFuzzTests",
        new Dictionary<string, string> { ["HESSE_FAULTS"] = "night" }));

Task("Slurm")
    .Description("A sharded sweep on a real Slurm on this machine; needs root and Debian's slurmctld, slurmd, slurm-client and munge.")
    .IsDependentOn("Build")
    .Does(() => Run("tests/Slurm/sweep.sh", ""));

Task("Bench-Short")
    .Description("The benchmarks of the short filter, with the share of the FMA peak measured in the same run.")
    .IsDependentOn("Build")
    .Does(() => Dotnet($"run -c {configuration} --no-build --project benchmarks/Hesse.Benchmarks -- short"));

Task("Pack")
    .Description("Packages of the library and the tool in artifacts/packages.")
    .IsDependentOn("Build")
    .Does(() =>
    {
        Dotnet($"pack -c {configuration} --no-build src/Hesse -o artifacts/packages");
        Dotnet($"pack -c {configuration} --no-build src/Hesse.Cli -o artifacts/packages");
    });

// One file with the runtime, the chart libraries and the kernels in it; without ICU, which bare servers lack. Program, libraries and runtime are compiled
// together beforehand (kernels for the machine's own registers are compiled where it runs), and not compressed: both cost time at every start.
void PublishWhole(string folder) =>
    Dotnet(
        $"publish src/Hesse.Cli -c {configuration} -r linux-x64 --self-contained -o {folder} -p:PublishSingleFile=true -p:PublishReadyToRun=true -p:PublishReadyToRunComposite=true "
            + "-p:IncludeNativeLibrariesForSelfExtract=true -p:InvariantGlobalization=true -p:DebugType=none -p:GenerateDocumentationFile=false");

Task("Tarball")
    .Description("hesse for a cluster without .NET, with the ready experiments, in artifacts/hesse-VERSION-linux-x64.tar.gz; its SHA-256 beside it.")
    .Does(() =>
    {
        var name = $"hesse-{XmlPeek("./Directory.Build.props", "/Project/PropertyGroup/Version")}-linux-x64";
        var folder = $"artifacts/tarball/{name}";
        CleanDirectory("./artifacts/tarball");
        PublishWhole(folder);
        CopyFiles(new[] { "README.md", "LICENSE", "CHANGELOG.md", "CITATION.cff" }.Select(file => (FilePath)file), folder);
        CreateDirectory($"{folder}/experiments");
        CopyFiles("experiments/*.yaml", $"{folder}/experiments");
        CreateDirectory($"{folder}/samples");
        CopyFiles("samples/*.*", $"{folder}/samples");
        CreateDirectory($"{folder}/licences");
        foreach (var licence in GetFiles("./src/Hesse/Reports/Page/node_modules/*/LICENSE*"))
        {
            CopyFile(licence, $"{folder}/licences/{licence.GetDirectory().GetDirectoryName()}.txt");
        }

        // The same content is the same archive: no times, no owners.
        Run("tar", $"-C artifacts/tarball --sort=name --owner=0 --group=0 --numeric-owner --mtime=2026-01-01 -czf artifacts/{name}.tar.gz {name}");
        Run("bash", $"-c \"cd artifacts && sha256sum {name}.tar.gz > {name}.tar.gz.sha256 && cat {name}.tar.gz.sha256\"");
    });

Task("Gpu-Bundle")
    .Description("What a GPU server needs to test and measure itself, in artifacts/hesse-linux-x64.tar.gz; less than 60 MB.")
    .Does(() =>
    {
        var folder = "artifacts/bundle/hesse-linux-x64";
        CleanDirectory("./artifacts/bundle");
        PublishWhole(folder);
        CopyFile("benchmarks/bundle/run.py", $"{folder}/run.py");
        CopyFile("benchmarks/bundle/README.md", $"{folder}/README.md");
        CopyFile("experiments/gauss-10.yaml", $"{folder}/gauss-10.yaml");
        CreateDirectory($"{folder}/peers");
        CopyFiles("benchmarks/peers/gpu_*.py", $"{folder}/peers");
        Run("tar", "-C artifacts/bundle -czf artifacts/hesse-linux-x64.tar.gz hesse-linux-x64");
        var size = new System.IO.FileInfo("artifacts/hesse-linux-x64.tar.gz").Length;
        Information($"artifacts/hesse-linux-x64.tar.gz: {size / 1e6:F1} MB");
        if (size > 60_000_000)
        {
            throw new CakeException(1, "the bundle is larger than 60 MB");
        }
    });

Task("Experiments")
    .Description("Every ready experiment that needs no files of the user's, at 16 replicas, changed as its header says after Nightly; with --quarter only those that have a line Commit, changed as that says.")
    .IsDependentOn("Build")
    .Does(() =>
    {
        var quarter = HasArgument("quarter");
        var folder = artifacts + Directory(quarter ? "experiments-quarter" : "experiments");
        CleanDirectory(folder);
        foreach (var file in GetFiles("./experiments/*.yaml").OrderBy(file => file.FullPath))
        {
            var lines = System.IO.File.ReadAllLines(file.FullPath);
            string Header(string name) =>
                lines.FirstOrDefault(line => line.StartsWith($"# {name} "))?[(name.Length + 3)..].Trim();

            if (Header("Data") is not null)
            {
                Information($"{file.GetFilename()} needs files of the user's: not run");
                continue;
            }

            if (quarter && Header("Commit") is null)
            {
                continue;
            }

            var changes = quarter ? Header("Commit") : $"--replicas 16 {Header("Nightly")}";
            var began = DateTime.UtcNow;
            Dotnet(
                $"run -c {configuration} --no-build --project src/Hesse.Cli -- run {file} --quiet "
                    + $"--out {folder} {changes}");
            Information($"{file.GetFilename()}: {(DateTime.UtcNow - began).TotalSeconds:F0} s");
        }
    });

Task("Nightly")
    .Description("Everything that is too long for every commit: all tests, both reruns, the replay of every launch of the CUDA tests, all faults, a million texts, Slurm, the short benchmarks, the ready experiments.")
    .IsDependentOn("Format")
    .IsDependentOn("Emulator")
    .IsDependentOn("Test")
    .IsDependentOn("Test-Numerical")
    .IsDependentOn("Replay")
    .IsDependentOn("Faults")
    .IsDependentOn("Fuzz")
    .IsDependentOn("Slurm")
    .IsDependentOn("Bench-Short")
    .IsDependentOn("Experiments");

RunTarget(target);
