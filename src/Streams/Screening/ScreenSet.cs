using System.Collections.Immutable;
using Orca.Streams.Teachers;

namespace Orca.Streams.Screening;

/// <summary>The screens a trace passes, in order; the first that rejects it ends the judging.</summary>
/// <param name="Screens">The screens that are on.</param>
public sealed record ScreenSet(ImmutableArray<IScreen> Screens)
{
    /// <summary>Names of the built-in screens, in the order they run.</summary>
    public static ImmutableArray<string> Names { get; } = ["finish", "empty", "length", "gold-answer"];

    /// <summary>Every built-in screen with its own defaults.</summary>
    public static ScreenSet All { get; } = Of(Names);

    /// <summary>The built-in screens of these names, in the order they run whatever the order of the names.</summary>
    /// <param name="names">Which are on.</param>
    /// <param name="maxCharacters">For the length screen.</param>
    /// <exception cref="TaskFormatException">A name is unknown; the message lists the known ones.</exception>
    public static ScreenSet Of(IEnumerable<string> names, int maxCharacters = LengthScreen.DefaultMaxCharacters)
    {
        var wanted = names.ToHashSet();
        if (wanted.FirstOrDefault(name => !Names.Contains(name)) is { } unknown)
        {
            throw new TaskFormatException($"There is no screen '{unknown}'; choose from {string.Join(", ", Names)}.");
        }

        ImmutableArray<IScreen> screens = [new FinishScreen(), new EmptyScreen(), new LengthScreen(maxCharacters), new GoldAnswerScreen()];
        return new ScreenSet([.. screens.Where(screen => wanted.Contains(screen.Name))]);
    }

    /// <summary>The same set without one of its screens.</summary>
    public ScreenSet Without(string name) => new([.. Screens.Where(screen => screen.Name != name)]);

    /// <summary>The same set with one more screen, which judges last.</summary>
    public ScreenSet With(IScreen screen) => new(Screens.Add(screen));

    /// <summary>The settings of every screen: a rejection that names others is out of date.</summary>
    public ImmutableArray<string> Settings => [.. Screens.Select(screen => screen.Settings)];

    /// <summary>Asks the screens in order, up to the first that rejects.</summary>
    public ScreenedTrace Judge(Trace trace)
    {
        var verdicts = ImmutableArray.CreateBuilder<ScreenVerdict>(Screens.Length);
        foreach (var screen in Screens)
        {
            var verdict = Judge(screen, trace);
            verdicts.Add(verdict);
            if (!verdict.Passed)
            {
                break;
            }
        }

        return new ScreenedTrace(trace, verdicts.ToImmutable());
    }

    // Whatever a screen trips over is that trace's, and no reason to end a run that has paid for it.
    private static ScreenVerdict Judge(IScreen screen, Trace trace)
    {
        try
        {
            return screen.Judge(trace) with { Settings = screen.Settings };
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            return ScreenVerdict.Reject(screen.Name, $"The screen failed on it: {failure.Message}");
        }
    }
}
