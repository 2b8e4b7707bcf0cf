using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Globalization;
using Orca.Streams.Teachers;

namespace Orca.Streams.Screening;

/// <summary>The screens a trace passes, in order; the first that rejects it ends the judging.</summary>
/// <param name="Screens">The screens, of which the plan may switch some off.</param>
/// <param name="Plan">Decides by what they measure.</param>
public sealed record ScreenSet(ImmutableArray<IScreen> Screens, ScreenPlan Plan)
{
    /// <summary>Name under which a trace is counted that a screen failed on.</summary>
    public const string Error = "screen-error";

    // What most screens find of most answers, made once.
    private static readonly ConcurrentDictionary<string, ScreenVerdict> Clean = new();

    private static readonly ImmutableArray<IScreen> BuiltIn =
    [
        new FinishScreen(), new EmptyScreen(), new LengthScreen(), new RepetitionScreen(), new RefusalScreen(), new LanguageScreen(),
        new GoldAnswerScreen(),
    ];

    /// <summary>Names of the built-in screens, in the order they run.</summary>
    public static ImmutableArray<string> Names { get; } = [.. BuiltIn.Select(screen => screen.Name)];

    /// <summary>Every built-in screen with its own default.</summary>
    public static ScreenSet All { get; } = new(BuiltIn, ScreenPlan.Default);

    /// <summary>The built-in screens of these names, in the order they run whatever the order of the names.</summary>
    /// <param name="names">Which are on.</param>
    /// <param name="limits">Limits other than the screens' own.</param>
    /// <exception cref="TaskFormatException">A name is unknown; the message lists the known ones.</exception>
    public static ScreenSet Of(IEnumerable<string> names, params IEnumerable<KeyValuePair<string, double>> limits)
    {
        var wanted = names.ToHashSet();
        if (wanted.FirstOrDefault(name => !Names.Contains(name)) is { } unknown)
        {
            throw new TaskFormatException($"There is no screen '{unknown}'; choose from {string.Join(", ", Names)}.");
        }

        return new ScreenSet(
            [.. BuiltIn.Where(screen => wanted.Contains(screen.Name))],
            ScreenPlan.Default with { Limits = ScreenPlan.Default.Limits.SetItems(limits) });
    }

    /// <summary>The same set without one of its screens.</summary>
    public ScreenSet Without(string name) => this with { Screens = [.. Screens.Where(screen => screen.Name != name)] };

    /// <summary>The same set without the screens that remember what they measured.</summary>
    public ScreenSet WithoutRemembering => this with { Screens = [.. Screens.Where(screen => !screen.Remembers)] };

    /// <summary>Whether a screen of the set measures anything.</summary>
    public bool IsOn(string name) => Screens.Any(screen => screen.Name == name && Plan.IsOn(screen));

    /// <summary>The same set by limits that were set while it was in force.</summary>
    public ScreenSet Tuned(ScreenPlan tuned) => this with { Plan = Plan.Tuned(tuned) };

    /// <summary>The same set with one more screen, which judges last.</summary>
    public ScreenSet With(IScreen screen) => this with { Screens = Screens.Add(screen) };

    /// <summary>The settings of every screen: a rejection that names others is out of date.</summary>
    public ImmutableArray<string> Settings => [.. Screens.Where(Plan.IsOn).Select(Plan.SettingsOf)];

    /// <summary>
    /// Asks the screens in order, up to the first that rejects. Of what the student says to practise only those that are required: it
    /// learns from what is wrong with it.
    /// </summary>
    public ScreenedTrace Judge(Trace trace)
    {
        var verdicts = ImmutableArray.CreateBuilder<ScreenVerdict>(Screens.Length);
        foreach (var screen in Screens.Where(screen => screen.IsRequired || !trace.Request.IsPractice))
        {
            if (Plan.LimitOf(screen) is < double.PositiveInfinity and var limit)
            {
                verdicts.Add(Judge(screen, limit, trace));
                if (!verdicts[^1].Passed)
                {
                    break;
                }
            }
        }

        return new ScreenedTrace(trace, verdicts.ToImmutable());
    }

    /// <summary>
    /// Asks every screen, and lets the trace pass whatever they find, labelled as of the control arm; but for those that are required.
    /// </summary>
    public ScreenedTrace JudgeForControl(Trace trace)
    {
        var verdicts = ImmutableArray.CreateBuilder<ScreenVerdict>(Screens.Length);
        foreach (var screen in Screens.Where(Plan.IsOn))
        {
            verdicts.Add(Judge(screen, Plan.LimitOf(screen), trace));
            if (!verdicts[^1].Passed && screen.IsRequired)
            {
                return new ScreenedTrace(trace, [verdicts[^1]]);
            }
        }

        return new ScreenedTrace(trace, verdicts.ToImmutable()) { Arm = ScreenedTrace.ControlArm };
    }

    // Whatever a screen trips over is that trace's, and no reason to end a run that has paid for it.
    private ScreenVerdict Judge(IScreen screen, double limit, Trace trace)
    {
        try
        {
            var measured = screen.Measure(trace);

            // What is no number is not within any limit.
            var passes = measured.Value <= limit;
            if (passes && measured.Value == 0)
            {
                return Clean.GetOrAdd(screen.Name, static name => new ScreenVerdict(name, Passed: true, 0, null));
            }

            var reason = passes ? null : measured.Finding
                ?? string.Create(
                    CultureInfo.InvariantCulture,
                    $"The {screen.Name} of the answer is {measured.Value:0.####}; at most {limit:0.####} passes.");
            return new ScreenVerdict(passes ? screen.Name : measured.Fault ?? screen.Name, passes, measured.Value, reason)
            {
                Settings = passes ? null : Plan.SettingsOf(screen),
            };
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            return new ScreenVerdict(Error, Passed: false, double.NaN, $"The screen '{screen.Name}' failed on it: {failure.Message}");
        }
    }
}
