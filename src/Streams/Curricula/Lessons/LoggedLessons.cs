using System.Collections.Immutable;
using Orca.Streams.Storage;

namespace Orca.Streams.Curricula.Lessons;

/// <summary>The lessons that were given out after a checkpoint, as the store's log has them, one after another.</summary>
internal sealed class LoggedLessons
{
    private const int Page = 1_024;

    private readonly TraceStore store;
    private ImmutableArray<LoggedLesson> page;
    private int next;

    private LoggedLessons(TraceStore store, ImmutableArray<LoggedLesson> page) => (this.store, this.page) = (store, page);

    /// <summary>Those after one; null where there are none.</summary>
    public static LoggedLessons? After(TraceStore store, long ordinal) =>
        store.LessonsAfter(ordinal, Page) is { IsEmpty: false } page ? new LoggedLessons(store, page) : null;

    /// <summary>The next one; null after the last.</summary>
    public LoggedLesson? Next
    {
        get
        {
            if (next == page.Length && !page.IsEmpty)
            {
                var last = page[^1].Ordinal;
                page = store.LessonsAfter(last, Page);
                next = 0;
            }

            return page.IsEmpty ? null : page[next];
        }
    }

    /// <summary>Goes on to the one after it.</summary>
    public void Advance() => next++;
}
