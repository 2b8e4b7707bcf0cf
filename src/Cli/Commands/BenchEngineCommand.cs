using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using Orca.Cli.Bench;
using Orca.Cli.Configuration;
using Orca.Model.Checkpoints;
using Orca.Model.Inference;
using Orca.Model.Inference.Cpu.Machine;
using Orca.Model.Network;
using Orca.Model.Weights;

namespace Orca.Cli.Commands;

/// <summary><c>orca bench engine</c>: times prefill and decode in process.</summary>
internal static class BenchEngineCommand
{
    private static readonly Option<string?> Shape = new("--shape")
    {
        Description = "Random weights of this shape: 15m, 110m, 1b or 13b. Default: 15m.",
        HelpName = "NAME",
    };

    private static readonly Option<string?> Model = new("--model")
    {
        Description = "A model's folder or GGUF file, instead of a shape.",
        HelpName = "PATH",
    };

    /// <summary>Encodings of files that no weights are turned into: random weights are made in them, and kept as stored.</summary>
    // Texts, so that the command line can be read without the room of the model, which loads libtorch.
    private static readonly string[] StoredEncodings = ["q4_K", "q5_K", "q6_K"];

    private static readonly Option<string> Weights = Choice(
        "--weights", "What weights are kept in; those of a shape may also be as GGUF stores them.", "bf16",
        ["fp32", "bf16", "int8", "int4", "stored", .. StoredEncodings]);

    private static readonly Option<string> Cache = Choice("--cache", "What keys and values are kept in.", "bf16", "fp32", "bf16", "int8");

    private static readonly Option<string> Batches = new("--batch")
    {
        Description = "Sequences side by side, as numbers with commas. Default: 1,4,16.",
        HelpName = "LIST",
        DefaultValueFactory = _ => "1,4,16",
    };

    private static readonly Option<int> Prompt = Arguments.Count("--prompt", "Tokens of each prompt.", 128);

    private static readonly Option<int> Steps = Arguments.Count("--steps", "Tokens decoded after it.", 16);

    private static readonly Option<int> Repetitions = Arguments.Count("--repeat", "Passes, of which the median counts.", 3);

    private static readonly Option<int> Threads =
        Arguments.Count("--threads", "Threads; all processors' by default.", Environment.ProcessorCount);

    private static readonly Option<string> Device = new("--device")
    {
        Description = "Where it runs: cpu, cuda or cuda:N. Default: cpu.",
        HelpName = "DEVICE",
        DefaultValueFactory = _ => "cpu",
    };

    private static readonly Option<string?> Json = new("--json")
    {
        Description = "Also writes the rows to this file, as a JSON array.",
        HelpName = "FILE",
    };

    public static Command Create()
    {
        var command = new Command("engine", "Times prefill and decode by batch size, in process, beside what this machine's memory reads.")
        {
            Shape, Model, Weights, Cache, Batches, Prompt, Steps, Repetitions, Threads, Device, Json,
        };
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        _ = Devices.Open(parsed.GetRequiredValue(Device));
        using var figures = FiguresFile.Open(parsed.GetValue(Json));
        var options = new InferenceOptions
        {
            Device = parsed.GetRequiredValue(Device),
            Backend = InferenceBackend.Auto,
            Weights = FormatOf(parsed.GetRequiredValue(Weights)),
            Cache = Enum.Parse<CacheFormat>(parsed.GetRequiredValue(Cache), ignoreCase: true),
            Threads = parsed.GetValue(Threads),
        };
        var name = parsed.GetValue(Model) is { } path
            ? Path.GetFileName(Path.TrimEndingDirectorySeparator(path))
            : parsed.GetValue(Shape) ?? "15m";
        var plan = new EngineBenchPlan(
            name, parsed.GetRequiredValue(Weights), BatchesOf(parsed.GetRequiredValue(Batches)), parsed.GetValue(Prompt),
            parsed.GetValue(Steps), parsed.GetValue(Repetitions));
        var started = Stopwatch.GetTimestamp();
        if (parsed.GetValue(Model) is not null && StoredEncodingOf(plan.Weights) is not null)
        {
            throw new CommandException($"--weights {plan.Weights} goes with --shape; the weights of a file that has them so are kept so "
                + "with --weights stored.");
        }

        var (checkpoint, student) = await Abandonable.RunAsync(
            () => Load(parsed.GetValue(Model), name, plan.Weights, options), cancellationToken);
        using var ofCheckpoint = checkpoint;
        using var ofStudent = student;
        if (plan.PromptTokens + plan.Steps > student.Config.MaxPositions)
        {
            throw new CommandException($"--prompt and --steps are {plan.PromptTokens + plan.Steps} tokens together; {name} holds "
                + $"{student.Config.MaxPositions}.");
        }

        Console.Out.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{name}, {plan.Weights} weights ({student.StepBytes / 1e6:N0} MB a step), {plan.PromptTokens} prompt tokens, {plan.Steps} "
                + $"steps; ready in {Stopwatch.GetElapsedTime(started).TotalSeconds:F1} s"));
        var guard = CoreGuard.Start();
        var ceilings = new Ceilings(options.Device, options.Threads!.Value);
        var products = ceilings.Products(student);
        Console.Out.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"products reach at most {products.FlopsPerSecond / 1e9:F0} GFLOP/s ({products.Kernel})"));
        Console.Out.WriteLine(EngineBenchRow.Header);
        var rows = new List<EngineBenchRow>();
        var bench = new EngineBench(student, plan);
        foreach (var row in bench.Run(ceilings.ReadBytesPerSecond, products.FlopsPerSecond, cancellationToken))
        {
            Console.Out.WriteLine(row.ToLine());
            rows.Add(row);
        }

        if (guard.Stop()?.Warning is { } warning)
        {
            Console.Error.WriteLine(warning);
        }

        if (bench.IsSliced)
        {
            Console.Error.WriteLine("Steps were stretched by whole slices of the scheduler: another process shares the processors; "
                + "measure again when it has ended.");
        }

        figures?.Write(EngineBenchRow.ToJson(rows));
        return ExitCodes.Done;
    }

    // Both at once: a checkpoint must not be disposed under a model that is being loaded from it.
    private static (Checkpoint? Checkpoint, IInferenceModel Student) Load(
        string? model, string shape, string weights, InferenceOptions options)
    {
        var checkpoint = model is null ? null : Checkpoint.Open(model);
        return (checkpoint, checkpoint is null ? Random(shape, weights, options) : InferenceModels.Load(checkpoint, options));
    }

    private static IInferenceModel Random(string shape, string weights, InferenceOptions options)
    {
        if (!LlamaShapes.ByName.TryGetValue(shape, out var config))
        {
            throw new CommandException($"--shape is '{shape}'; give one of {string.Join(", ", LlamaShapes.ByName.Keys)}.");
        }

        var encoding = StoredEncodingOf(weights) ?? options.Weights switch
        {
            WeightFormat.Fp32 => WeightEncoding.F32,
            WeightFormat.Int8 => WeightEncoding.Q8_0,
            WeightFormat.Int4 => WeightEncoding.Q4_0,
            _ => WeightEncoding.BF16,
        };
        var block = encoding.BlockValues();
        if (config.HiddenSize % block != 0 || config.IntermediateSize % block != 0)
        {
            throw new CommandException(
                $"--weights is {weights}, in blocks of {block}; the rows of {shape} have {config.HiddenSize} and "
                    + $"{config.IntermediateSize} values: "
                + "take a larger shape, such as 1b.");
        }

        return InferenceModels.Random(config, new RandomWeights(config, encoding), options);
    }

    private static WeightEncoding? StoredEncodingOf(string name) =>
        StoredEncodings.Contains(name) ? Enum.Parse<WeightEncoding>(name, ignoreCase: true) : null;

    private static WeightFormat FormatOf(string name) =>
        name == "stored" || StoredEncodingOf(name) is not null ? WeightFormat.AsStored : Enum.Parse<WeightFormat>(name, ignoreCase: true);

    private static int[] BatchesOf(string list)
    {
        var batches = list.Split(',').Select(part => NumberText.Read<int>(part) ?? 0).ToArray();
        return batches.All(batch => batch is >= 1 and <= 1_024)
            ? batches
            : throw new CommandException($"--batch is '{list}'; give numbers from 1 to 1024 with commas, such as 1,4,16.");
    }

    private static Option<string> Choice(string name, string meaning, string standard, params string[] choices) => new(name)
    {
        Description = $"{meaning} One of {string.Join(", ", choices)}. Default: {standard}.",
        HelpName = "FORMAT",
        DefaultValueFactory = _ => standard,
        CustomParser = result =>
        {
            var text = string.Join(' ', result.Tokens);
            if (!choices.Contains(text))
            {
                result.AddError($"Flag {name} is '{text}'; expected one of {string.Join(", ", choices)}");
            }

            return text;
        },
    };
}
