using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Orca.Evaluation.Experiments;
using Orca.Streams.Tasks;
using Orca.Streams.Tasks.Reasoning;

namespace Orca.Cli.Experimenting;

/// <summary>
/// One student of an experiment: its folder, and the command lines that train and examine it. Its folder is named by all that it is
/// trained by, so that experiments that have a student in common train it once.
/// </summary>
internal sealed class ExperimentStudent
{
    private const string MessagesName = "messages.json";

    private static readonly ImmutableArray<string> Collections = [ReasoningTasks.Collection, "cot", "niv2", "t0", "flan2021"];

    // Where it is asked itself: a server of its own, on ports that are free, and nothing else that would ask it.
    private static readonly ImmutableSortedDictionary<string, string> Served = ImmutableSortedDictionary.CreateRange(
        new Dictionary<string, string>
        {
            ["run.roles"] = "collect,train,serve",
            ["serving.port"] = "0",
            ["serving.httpPort"] = "0",
            ["evaluation.gateQuestions"] = "0",
            ["evaluation.sampleQuestions"] = "0",
            ["evaluation.maxQuestions"] = "1",
        });

    private readonly ImmutableArray<string>? _messages;
    private readonly ImmutableArray<string> _training;
    private readonly ImmutableArray<string> _examination;

    /// <summary>Describes one; nothing is written yet.</summary>
    /// <param name="definition">The experiment.</param>
    /// <param name="plan">What is fixed of it.</param>
    /// <param name="arm">Its arm.</param>
    /// <param name="seed">Its seed.</param>
    /// <param name="root">The folder of all experiments' students.</param>
    /// <param name="common">Flags of the user's own that every command gets.</param>
    /// <param name="own">All settings that these and the surroundings set, as text: students of others are other students.</param>
    public ExperimentStudent(
        ExperimentDefinition definition, ExperimentPlan plan, string arm, int seed, string root, ImmutableArray<string> common, string own)
    {
        (Arm, Seed, _messages) = (arm, seed, definition.Arms[arm].Messages);
        Steps = (int)Math.Max(1, Math.Round(plan.Steps * definition.Arms[arm].Steps));
        HeldOut = HeldOutOf(seed, plan.HeldOutFamilies);
        Families = [.. ReasoningFamilies.All.Select(family => family.Name).Except(HeldOut)];
        var settings = definition.SettingsOf(arm);
        if (!HeldOut.IsEmpty)
        {
            settings = settings.SetItem("tasks.sources", $"[\"{ReasoningTasks.Collection}:{string.Join(',', Families)}\"]");
        }

        var trained = (definition.AsksStudent(arm) ? settings.SetItems(Served) : settings.SetItem("run.roles", "collect,train"))
            .SetItem("run.seed", seed.ToString(CultureInfo.InvariantCulture))
            .SetItem("run.maxSteps", Steps.ToString(CultureInfo.InvariantCulture));
        var identity = JsonSerializer.Serialize(new { Settings = trained, Messages = _messages, Users = own });
        Folder = Path.GetFullPath(Path.Combine(root, $"seed{seed}-{HashOf(identity)}"));
        if (_messages is not null)
        {
            trained = trained.SetItem("tasks.systemMessagesFile", Path.Combine(Folder, MessagesName));
        }

        _training = [.. common, .. Sets(trained), "--run", Run];
        _examination =
        [
            .. common, "--model", Run, "--system", "", "--questions", plan.QuestionsPerTask.ToString(CultureInfo.InvariantCulture),
            .. Sets(settings.Where(pair => pair.Key.StartsWith("evaluation.", StringComparison.OrdinalIgnoreCase))),
            "--set", $"run.seed={seed}",
        ];
    }

    /// <summary>Its arm.</summary>
    public string Arm { get; }

    /// <summary>Its seed.</summary>
    public int Seed { get; }

    /// <summary>Its training steps.</summary>
    public int Steps { get; }

    /// <summary>Where all of it lies.</summary>
    public string Folder { get; }

    /// <summary>The folder of its run.</summary>
    public string Run => Path.Combine(Folder, "run");

    /// <summary>Families it is trained on.</summary>
    public ImmutableArray<string> Families { get; }

    /// <summary>Families it is not trained on.</summary>
    public ImmutableArray<string> HeldOut { get; }

    /// <summary>The arguments of <c>orca</c> that train it.</summary>
    public ImmutableArray<string> Training => ["daemon", .. _training];

    /// <summary>The sets of questions it is examined on.</summary>
    public IEnumerable<string> Questions =>
        HeldOut.IsEmpty ? [StudentScore.HeldOutInstances] : [StudentScore.HeldOutInstances, StudentScore.HeldOutFamilies];

    /// <summary>Folder of an examination.</summary>
    public string ExaminationOf(string questions, string protocol, int perTask) => Path.Combine(
        Folder, string.Create(
            CultureInfo.InvariantCulture, $"{questions.Replace(' ', '-')}-{protocol}-{perTask}-{HashOf(ExaminedBy(questions))}"));

    /// <summary>The arguments of <c>orca</c> that examine it.</summary>
    public ImmutableArray<string> Examination(string questions, string protocol, string folder) =>
    [
        "eval", "run", $"{ReasoningTasks.Collection}:{string.Join(',', questions == StudentScore.HeldOutFamilies ? HeldOut : Families)}",
        "--protocol", protocol, "--run", folder, .. _examination,
    ];

    /// <summary>Makes its folder, with the messages that its questions are asked with.</summary>
    public void Make()
    {
        Directory.CreateDirectory(Folder);
        if (_messages is { } messages)
        {
            File.WriteAllText(
                Path.Combine(Folder, MessagesName),
                JsonSerializer.Serialize(messages.Select((text, place) => new { id = $"{place + 1}", text, used_for = Collections })));
        }
    }

    private string ExaminedBy(string questions) =>
        string.Join(' ', [.. questions == StudentScore.HeldOutFamilies ? HeldOut : Families, .. _examination]);

    private static string HashOf(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..10];

    // Other ones for each seed: with a third as many seeds as families and three of them, each is left out once.
    private static ImmutableArray<string> HeldOutOf(int seed, int count) =>
    [
        .. Enumerable.Range(0, count).Select(place =>
            ReasoningFamilies.All[((((seed - 1) * count) + place) % ReasoningFamilies.All.Length)].Name).Distinct(),
    ];

    private static IEnumerable<string> Sets(IEnumerable<KeyValuePair<string, string>> settings) =>
        settings.SelectMany(pair => new[] { "--set", $"{pair.Key}={pair.Value}" });
}
