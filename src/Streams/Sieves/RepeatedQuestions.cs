using System.Buffers;
using System.Globalization;
using System.Runtime.InteropServices;
using Orca.Streams.Tasks;

namespace Orca.Streams.Sieves;

/// <summary>Finds questions that were asked before in nearly the same words, and lets those pass that only have the same
/// form.</summary>
/// <remarks>
/// <para>Most questions of a collection are made by a form: they share a definition, a passage, a story, and ask something else. So a
/// question repeats another if</para>
/// <list type="bullet">
/// <item>their words, numbers, brackets and signs of arithmetic are the same, whatever their white space, case and punctuation, in any
/// collection;</item>
/// <item>or they are once the first or the last sentence of one of them is left out, such as an instruction that was added;</item>
/// <item>or they are of one task, have the same numbers and signs, end in the same four words, and are similar by the runs of three
/// words that few others have: <see cref="CommonRuns"/> leaves out what four recent questions had.</item>
/// </list>
/// <para>Takes 90 bytes a question, all of them from the start, and 4 MB. Otherwise as <see cref="NearDuplicates"/>.</para>
/// </remarks>
public sealed class RepeatedQuestions
{
    /// <summary>Similarity above which two questions count as one.</summary>
    public const double Threshold = 0.75;

    private const string Content = "questions 1";
    private const int Length = 4;
    private const int Bands = 3;
    private const int Rows = 2;
    private const int Run = 3;
    private const int LeastOwn = 8;

    private readonly Lock door = new();
    private readonly CommonRuns common = new();
    private readonly NearDuplicates questions;
    private readonly int capacity;

    /// <summary>An index without any question.</summary>
    /// <param name="capacity">Questions that are kept; beyond it the oldest leave.</param>
    public RepeatedQuestions(int capacity = NearDuplicates.DefaultCapacity)
    {
        this.capacity = capacity;
        questions = new NearDuplicates(capacity, Length, Bands, Rows, findsParts: true);
    }

    /// <summary>Questions that are kept.</summary>
    public int Count => questions.Count;

    /// <summary>Bytes of its tables.</summary>
    public long Bytes => questions.Bytes + common.Raw.Length;

    /// <summary>A question's key here: the first half of its id.</summary>
    public static ulong KeyOf(TaskQuery query) => ulong.Parse(query.Id.AsSpan(0, 16), NumberStyles.HexNumber, CultureInfo.InvariantCulture);

    /// <summary>
    /// The earlier question that one repeats; null where it repeats none, and then it is added, unless it is there. One that was added
    /// before is asked only about those that came before it, so it repeats none now if it did not then.
    /// </summary>
    public DuplicateMatch? Meet(TaskQuery query) => Meet(KeyOf(query), query.Prompt, adds: true, KindOf(query));

    /// <summary>As <see cref="Meet(TaskQuery)"/>, but adds nothing.</summary>
    public DuplicateMatch? Find(TaskQuery query) => Meet(KeyOf(query), query.Prompt, adds: false, KindOf(query));

    /// <summary>Adds questions in their order: an index that was lost is built again so.</summary>
    public void Add(IEnumerable<TaskQuery> queries)
    {
        foreach (var query in queries)
        {
            Meet(query);
        }
    }

    /// <summary>Saves it, as <see cref="NearDuplicates.Save"/> does.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    public void Save(string path)
    {
        using var file = SavedIndex.Create(path, Name(capacity));
        lock (door)
        {
            Visit(file.Write);
        }

        file.Publish();
    }

    /// <summary>
    /// An index as it was saved; null where the file is absent or damaged, or of another version or capacity: it is to be built again
    /// from the questions, oldest first (<see cref="Add"/>).
    /// </summary>
    public static RepeatedQuestions? Restore(string path, int capacity = NearDuplicates.DefaultCapacity)
    {
        var index = new RepeatedQuestions(capacity);
        return SavedIndex.Read(path, Name(capacity), index.Visit) ? index : null;
    }

    private static string Name(int capacity) => FormattableString.Invariant($"{Content} of {capacity}");

    private static ulong KindOf(TaskQuery query) => QuestionPrint.KindOf(query.Collection, query.Task);

    private DuplicateMatch? Meet(ulong key, string text, bool adds, ulong task)
    {
        var rented = ArrayPool<ulong>.Shared.Rent((text.Length * 2) + 1);
        var words = rented.AsSpan(0, text.Length);
        var tokens = rented.AsSpan(text.Length);
        var question = WordScanner.ReadQuestion(text, words, tokens);
        var print = new TextPrint
        {
            Whole = question.Whole(tokens),
            Part = question.WithoutFirst(tokens),
            OtherPart = question.WithoutLast(tokens),
            Kind = question.Kind(words) ^ task,
        };
        var runs = NearDuplicates.RunsOf(words[..question.Words], Run);
        var match = Meet(key, print, runs, tokens, adds);
        ArrayPool<ulong>.Shared.Return(rented);
        return match;
    }

    private DuplicateMatch? Meet(ulong key, TextPrint print, Span<ulong> runs, Span<ulong> copy, bool adds)
    {
        runs.CopyTo(copy);
        lock (door)
        {
            // What is the same as another says nothing about what is common.
            var own = runs[..common.KeepOwn(runs)];
            var match = questions.Measure(key, key, print.With(own.Length < LeastOwn ? [] : own), adds ? Threshold : -1);
            if (adds && match?.Similarity != 1)
            {
                common.Count(copy[..runs.Length]);
            }

            return match?.Similarity > Threshold ? match : null;
        }
    }

    private void Visit(SpanVisitor visit)
    {
        visit(common.Raw);
        visit(MemoryMarshal.AsBytes(new Span<int>(ref common.Texts)));
        questions.Visit(visit);
    }
}
