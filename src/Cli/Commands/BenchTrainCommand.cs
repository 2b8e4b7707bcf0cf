using System.CommandLine;
using System.Globalization;
using Orca.Cli.Bench;
using Orca.Cli.Bench.Training;
using Orca.Model.Embedded;
using Orca.Model.Native;
using Orca.Model.Network;
using Orca.Training;
using Orca.Training.Adapters;
using Orca.Training.Memory;
using Orca.Training.Optimization;
using Orca.Training.Parameters;

namespace Orca.Cli.Commands;

/// <summary><c>orca bench train</c>: times optimizer steps in process.</summary>
internal static class BenchTrainCommand
{
    private const string Embedded = "embedded";

    private static readonly Option<string> Shape = new("--shape")
    {
        Description = "What is trained, from random weights: embedded, 15m, 110m, 1b or 13b. Default: 15m.",
        HelpName = "NAME",
        DefaultValueFactory = _ => "15m",
    };

    private static readonly Option<string> Compute =
        Arguments.Choice("--compute", "What products are computed in: fp32 or bf16.", "fp32", "bf16");

    private static readonly Option<string> Products = Arguments.Choice(
        "--products", "What computes them: auto, own or libtorch.", "auto", "own", "libtorch");

    private static readonly Option<string> Weights = Arguments.Choice(
        "--weights", "What weights are kept in between steps; split and bf16 with bf16 products.", "fp32", "split", "bf16");

    private static readonly Option<string> States =
        Arguments.Choice("--states", "What the optimizer's states are kept in.", "fp32", "int8");

    private static readonly Option<string> Recompute = Arguments.Choice(
        "--recompute", "What of the forward pass is computed again in the backward pass.", "none", "selective", "full");

    private static readonly Option<int> LoraRank = new("--lora-rank")
    {
        Description = "Rank of the adapters (LoRA) that are trained in place of the layers' projections. Default: 0, no adapters.",
        HelpName = "N",
    };

    private static readonly Option<bool> InBackward = new("--in-backward")
    {
        Description = "Moves each layer in the backward pass, so that one layer's gradients exist at a time.",
    };

    private static readonly Option<string> Plan = Arguments.Choice(
        "--plan", "Whether the nearest form that fits into memory is taken: given or auto.", "given", "auto");

    private static readonly Option<int?> Rows = new("--rows")
    {
        Description = "Rows of a batch. Default: 8, of the embedded student 4.",
        HelpName = "N",
    };

    private static readonly Option<int> Length = Arguments.Count("--length", "Tokens of a row.", 256);

    private static readonly Option<int> Steps = Arguments.Count("--steps", "Steps, of which the median counts.", 5);

    private static readonly Option<int?> Threads = new("--threads")
    {
        Description = "Threads. Default: libtorch's choice, of the embedded student 1.",
        HelpName = "N",
    };

    private static readonly Option<string> Device = new("--device")
    {
        Description = "Where it is trained: cpu, cuda or cuda:N. Default: cpu.",
        HelpName = "DEVICE",
        DefaultValueFactory = _ => "cpu",
    };

    private static readonly Option<bool> WithoutPlain = new("--without-plain")
    {
        Description = "Leaves out the plain TorchSharp network that is timed beside it and takes as much memory again.",
    };

    private static readonly Option<string?> Json = new("--json")
    {
        Description = "Also writes the rows to this file, as a JSON array.",
        HelpName = "FILE",
    };

    public static Command Create()
    {
        var command = new Command(
            "train", "Times optimizer steps, in process, beside the fastest product of this machine and a plain TorchSharp network.")
        {
            Shape, Compute, Products, Weights, States, Recompute, LoraRank, InBackward, Plan, Rows, Length, Steps, Threads, Device,
            WithoutPlain, Json,
        };
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        _ = Devices.Open(parsed.GetRequiredValue(Device));
        using var figures = FiguresFile.Open(parsed.GetValue(Json));
        var plan = PlanOf(parsed);
        var guard = CoreGuard.Start();
        Console.Out.WriteLine(TrainBenchRow.Header);
        var rows = await Task.Factory.StartNew(
            () => TrainBench.Run(plan, cancellationToken), cancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        foreach (var row in rows)
        {
            Console.Out.WriteLine(row.ToLine());
        }

        if (rows.Count > 1)
        {
            Console.Out.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"{rows[0].TokensPerSecond / rows[1].TokensPerSecond:F2} times the plain network"));
        }

        if (guard.Stop()?.Warning is { } warning)
        {
            Console.Error.WriteLine(warning);
        }

        figures?.Write(TrainBenchRow.ToJson(rows));
        return ExitCodes.Done;
    }

    private static TrainBenchPlan PlanOf(ParseResult parsed)
    {
        var shape = parsed.GetRequiredValue(Shape);
        var isEmbedded = shape == Embedded;
        var config = isEmbedded ? EmbeddedStudent.Config
            : LlamaShapes.ByName.TryGetValue(shape, out var named) ? named
            : throw new CommandException(
                $"--shape is '{shape}'; give one of {Embedded}, {string.Join(", ", LlamaShapes.ByName.Keys)}.");
        var options = new TrainerOptions
        {
            BatchRows = parsed.GetValue(Rows) ?? (isEmbedded ? 4 : 8),
            SequenceLength = parsed.GetValue(Length),
            Optimizer = isEmbedded ? OptimizerKind.Muon : OptimizerKind.AdamW,
            Compute = parsed.GetRequiredValue(Compute) == "bf16" ? ComputeType.BFloat16 : ComputeType.Float32,
            Products = parsed.GetRequiredValue(Products) switch
            {
                "own" => ProductKernels.Own,
                "libtorch" => ProductKernels.Libtorch,
                _ => null,
            },
            Weights = parsed.GetRequiredValue(Weights) switch
            {
                "split" => WeightForm.Split,
                "bf16" => WeightForm.BFloat16,
                _ => WeightForm.Float32,
            },
            States = parsed.GetRequiredValue(States) == "int8" ? StateForm.Int8 : StateForm.Float32,
            Recompute = Enum.Parse<Orca.Training.Activations.Recompute>(parsed.GetRequiredValue(Recompute), ignoreCase: true),
            Lora = LoraOptions.None with { Rank = parsed.GetValue(LoraRank) },
            OptimizerInBackward = parsed.GetValue(InBackward),
            MaxGradientNorm = parsed.GetValue(InBackward) ? double.PositiveInfinity : new TrainerOptions().MaxGradientNorm,
            Threads = parsed.GetValue(Threads) ?? (isEmbedded ? 1 : 0),
            Device = parsed.GetRequiredValue(Device),
            PublishAtStart = false,
            PublishEverySteps = 0,
        };
        if (options.Faults() is { Count: > 0 } faults)
        {
            throw new CommandException(string.Join(' ', faults));
        }

        options = Fitting(shape, config, options, isAuto: parsed.GetRequiredValue(Plan) == "auto");
        return options.SequenceLength <= config.MaxPositions
            ? new TrainBenchPlan(shape, config, options, parsed.GetValue(Steps), !parsed.GetValue(WithoutPlain))
            : throw new CommandException(
                $"--length is {options.SequenceLength}, but {shape} has {config.MaxPositions} positions; give at most as many.");
    }

    private static TrainerOptions Fitting(string shape, LlamaConfig config, TrainerOptions options, bool isAuto)
    {
        var free = DeviceMemory.FreeBytes(options.Device) ?? long.MaxValue;
        var ledger = MemoryLedger.Of(config, options);
        if (ledger.Bytes <= free)
        {
            return options;
        }

        var fitting = MemoryPlan.Fitting(config, options, free);
        return isAuto && fitting is not null
            ? fitting
            : throw new CommandException(
                $"Training {shape} takes {MemoryPlan.Text(ledger.Bytes)} ({MemoryPlan.Parts(ledger)}), and "
                    + $"{MemoryPlan.Text(free)} are free; "
                    + (fitting is null
                        ? "no form of it fits: give a smaller shape, fewer --rows or a shorter --length."
                        : "--plan auto takes the nearest form that fits."));
    }
}
