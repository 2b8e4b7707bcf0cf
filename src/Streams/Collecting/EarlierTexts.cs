using System.Globalization;
using Orca.Streams.Screening;
using Orca.Streams.Sieves;
using Orca.Streams.Storage;

namespace Orca.Streams.Collecting;

/// <summary>
/// The questions that a run has asked and the answers that it has accepted, so that those which nearly repeat them are found. Built from
/// the store; of a large one from what was saved beside it, and what the store has more.
/// </summary>
public sealed class EarlierTexts
{
    // Fewer are read from the store in a second or two.
    private const int SavedFrom = 50_000;

    private readonly NearDuplicates answers;

    private EarlierTexts(RepeatedQuestions questions, NearDuplicates answers, double limit)
    {
        Questions = questions;
        Answers = new NearDuplicateScreen(answers, limit);
        this.answers = answers;
    }

    /// <summary>The questions.</summary>
    public RepeatedQuestions Questions { get; }

    /// <summary>Measures how near an answer is to an earlier one.</summary>
    public NearDuplicateScreen Answers { get; }

    /// <summary>Those of a store.</summary>
    /// <param name="store">Path of the store.</param>
    /// <param name="capacity">Questions and answers that are remembered; beyond it the oldest are forgotten.</param>
    /// <param name="limit">Similarity up to which an answer is remembered: another stands for one that is more like it.</param>
    /// <exception cref="TraceStoreException">The store cannot be read.</exception>
    public static EarlierTexts Of(string store, int capacity, double limit = NearDuplicates.DefaultThreshold)
    {
        var (texts, last) = Restored(store, capacity, limit)
            ?? (new EarlierTexts(new RepeatedQuestions(capacity), new NearDuplicates(capacity), limit), 0);
        using var traces = StoredTraces.Open(store);
        foreach (var trace in traces.Read(new TraceFilter { After = last }))
        {
            texts.Questions.Meet(trace.Request.Query);
            if (trace.State == TraceState.Accepted)
            {
                texts.Answers.Remember(trace.Request, trace.Answer!.Response);
            }
        }

        return texts;
    }

    /// <summary>Saves them beside a store, where they are many.</summary>
    /// <param name="store">Path of the store.</param>
    /// <exception cref="IOException">They cannot be written; what was saved before holds.</exception>
    public void Save(string store)
    {
        if (Questions.Count < SavedFrom)
        {
            return;
        }

        using var traces = StoredTraces.Open(store);
        var last = traces.LastKey;
        answers.Save(PathOf(store, "answers", last));
        Questions.Save(PathOf(store, "questions", last));
        foreach (var former in SavedOf(store).Where(saved => saved.Last != last))
        {
            File.Delete(former.Path);
        }
    }

    private static (EarlierTexts Texts, long Last)? Restored(string store, int capacity, double limit)
    {
        foreach (var (path, last) in SavedOf(store).Where(saved => saved.Path.EndsWith(".questions", StringComparison.Ordinal)))
        {
            if (RepeatedQuestions.Restore(path, capacity) is { } questions
                && NearDuplicates.Restore(PathOf(store, "answers", last), capacity) is { } answers)
            {
                return (new EarlierTexts(questions, answers, limit), last);
            }
        }

        return null;
    }

    private static string PathOf(string store, string what, long last) =>
        string.Create(CultureInfo.InvariantCulture, $"{store}.{last}.{what}");

    // With the key of the last request that they know.
    private static IEnumerable<(string Path, long Last)> SavedOf(string store)
    {
        var (folder, name) = (Path.GetDirectoryName(Path.GetFullPath(store))!, Path.GetFileName(store));
        var beside = Directory.GetFiles(folder).Where(path => Path.GetFileName(path).StartsWith($"{name}.", StringComparison.Ordinal));
        foreach (var path in beside)
        {
            if (Path.GetFileName(path)[(name.Length + 1)..].Split('.') is [var key, "questions" or "answers"]
                && long.TryParse(key, NumberStyles.None, CultureInfo.InvariantCulture, out var last))
            {
                yield return (path, last);
            }
        }
    }
}
