using System.CommandLine;
using Orca.Cli.Clients;
using Orca.Cli.Configuration;
using Orca.Cli.Evaluating;
using Orca.Evaluation.Protocols;
using Orca.Evaluation.Suites;

namespace Orca.Cli.Commands;

/// <summary>What is asked of whom, and how: flags of every command that asks a benchmark.</summary>
/// <param name="only">The benchmark of a command that asks no other; null where an argument names it.</param>
internal sealed class EvalRunFlags(string? only = null)
{
    private readonly Argument<string> _suite = new("SUITE") { Description = $"The benchmark: {SuiteSpec.Kinds}." };

    private readonly Argument<string?> _address = Arguments.Address();

    private readonly Option<string?> _model = new("--model")
    {
        Description = "A model's folder, or a folder of checkpoints, asked in this process instead of through a server.",
        HelpName = "FOLDER",
    };

    private readonly Option<Uri?> _endpoint = EvalFlags.Endpoint(
        "Address of an OpenAI-compatible endpoint that is asked instead, up to /chat/completions; with --endpoint-model.");

    private readonly Option<string?> _endpointModel = new("--endpoint-model")
    {
        Description = "The model that the endpoint is asked for.",
        HelpName = "NAME",
    };

    private readonly Option<string?> _keyVariable = EvalFlags.KeyVariable();

    private readonly Option<string> _protocol = EvalFlags.Protocol("How questions are asked and answers are read.");

    private readonly Option<double?> _temperature = new("--temperature")
    {
        Description = "Sampling temperature. Default: the protocol's own (robust and harness 0, paper 0.7).",
        HelpName = "NUMBER",
        CustomParser = result => Arguments.Number<double>(result, value => value is >= 0 and <= 100, "a number from 0 to 100"),
    };

    private readonly Option<int> _repeats = Arguments.Count("--repeats", "Samples of each question, each with a seed of its own.", 1);

    private readonly Option<int?> _limit = new("--limit")
    {
        Description = "Questions of each task at most, spread over its file. Default: all.",
        HelpName = "N",
        CustomParser = result => Arguments.Number<int>(result, value => value >= 1, "a whole number of at least 1"),
    };

    private readonly Option<bool> _examples = new("--examples")
    {
        Description = "Puts the authors' explained examples before each question.",
    };

    private readonly Option<bool> _chainOfThought = new("--chain-of-thought") { Description = "Asks to think step by step." };

    private readonly Option<string?> _lessons = new("--lessons")
    {
        Description = "Folder of the run that taught the student: questions that share text with its lessons are counted beside each "
            + "score. Default: --model where that is a run's folder.",
        HelpName = "RUN",
    };

    private readonly Option<string> _reuse = Arguments.Choice(
        "--reuse",
        "Whose answers in runs beside this one are taken over: those of the same 'weights' (a model in this process), of the same 'name' "
            + "(an endpoint that still answers as it did), or of 'none'.",
        "weights", "name", "none");

    private readonly SettingFlags _settings = new(
        SettingFlag.Of("--questions", "evaluation.questionsPerTask", "N"),
        SettingFlag.Of("--max-tokens", "evaluation.maxTokens", "TOKENS"),
        SettingFlag.Of("--parallel", "evaluation.parallel", "N"),
        SettingFlag.Of("--device", "run.device", "DEVICE"));

    /// <summary>Gives the command these arguments and flags.</summary>
    public void AddTo(Command command)
    {
        if (only is null)
        {
            command.Add(_suite);
        }

        command.Add(_address);
        foreach (var option in new Option[]
        {
            _model, _endpoint, _endpointModel, _keyVariable, _protocol, _temperature, _repeats, _limit, _examples, _chainOfThought,
            _lessons, _reuse,
        })
        {
            command.Add(option);
        }

        _settings.AddTo(command);
    }

    /// <summary>What is asked, read from its files.</summary>
    public async Task<EvalAsking> ReadAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var settings = _settings.Load(parsed);
        var protocol = ProtocolNames.Find(parsed.GetRequiredValue(_protocol))!;
        var suite = await EvalSuites.ReadAsync(only ?? parsed.GetRequiredValue(_suite), settings, cancellationToken);
        var options = new ProtocolOptions
        {
            MaxTokens = settings.Evaluation.MaxTokens,
            Temperature = parsed.GetValue(_temperature),
            Seed = settings.Run.Seed,
            HasExamples = parsed.GetValue(_examples),
            IsChainOfThought = parsed.GetValue(_chainOfThought),
        };
        if (options.HasExamples && suite.Tasks.All(task => task.Examples is null))
        {
            throw new CommandException($"The authors of '{suite.Name}' explain no examples; leave --examples away.");
        }

        return new EvalAsking(
            parsed.GetValue(_limit) is { } most ? suite.Limited(most) : suite,
            protocol,
            options,
            parsed.GetValue(_repeats),
            settings)
        {
            Reuse = Enum.Parse<Reuse>(parsed.GetRequiredValue(_reuse), ignoreCase: true),
            Lessons = parsed.GetValue(_lessons) ?? (parsed.GetValue(_model) is { } model && SeenLessons.AreIn(model) ? model : null),
        };
    }

    /// <summary>Who is asked.</summary>
    public Task<EvalSubject> SubjectAsync(ParseResult parsed, OrcaSettings settings, CancellationToken cancellationToken)
    {
        var named = new[] { parsed.GetValue(_address), parsed.GetValue(_model), parsed.GetValue(_endpoint)?.ToString() };
        if (named.Count(subject => subject is not null) > 1)
        {
            throw new CommandException(
                $"Several are named to be asked: {string.Join(", ", named.Where(subject => subject is not null))}; give one of ADDRESS, "
                    + "--model and --endpoint.");
        }

        if (parsed.GetValue(_endpoint) is null && parsed.GetValue(_endpointModel) is { } alone)
        {
            throw new CommandException($"--endpoint-model {alone} is given without --endpoint; give the address it is asked at.");
        }

        if (parsed.GetValue(_endpoint) is { } url)
        {
            var model = parsed.GetValue(_endpointModel)
                ?? throw new CommandException("--endpoint is given without --endpoint-model; name the model that it is asked for.");
            return Task.FromResult(EvalSubject.AtEndpoint(url, model, parsed.GetValue(_keyVariable)));
        }

        return parsed.GetValue(_model) is { } folder
            ? EvalSubject.InProcessAsync(folder, settings, cancellationToken)
            : EvalSubject.AtAsync(Arguments.ReadAddress(parsed, _address), cancellationToken);
    }
}
