using System.Security.Cryptography;
using System.Text;
using Orca.Streams.Tasks;

namespace Orca.Cli.Teacher;

/// <summary>
/// Finds a question by its text. Questions of files are all held; the built-in ones are an endless stream, which is looked through as
/// far as questions are asked, and a set number beyond. Any thread.
/// </summary>
internal sealed class QuestionIndex
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, TaskQuery> _ofFiles = [];
    private readonly List<Ahead> _builtIn = [];
    private readonly int _questionsAhead;

    private QuestionIndex(int questionsAhead) => _questionsAhead = questionsAhead;

    /// <summary>Reads the sources' files.</summary>
    /// <param name="sources">Where the questions come from.</param>
    /// <param name="questionsAhead">Built-in questions looked through beyond the furthest that was asked.</param>
    /// <param name="faults">Hears of records that are none.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public static async Task<QuestionIndex> OpenAsync(
        IEnumerable<ITaskSource> sources, int questionsAhead, IProgress<SourceFault> faults, CancellationToken cancellationToken)
    {
        var index = new QuestionIndex(questionsAhead);
        foreach (var source in sources)
        {
            if (source is ReasoningTasks reasoning)
            {
                index._builtIn.Add(new Ahead(reasoning));
                continue;
            }

            await foreach (var query in source.ReadAsync(0, faults, cancellationToken))
            {
                if (query is not null)
                {
                    index._ofFiles.TryAdd(query.Prompt, query);
                }
            }
        }

        return index;
    }

    /// <summary>The question of a text; null where none of the sources gives it.</summary>
    public TaskQuery? Find(string prompt)
    {
        if (_ofFiles.TryGetValue(prompt, out var found))
        {
            return found;
        }

        lock (_gate)
        {
            return _builtIn.Select(ahead => ahead.Find(prompt, _questionsAhead)).FirstOrDefault(query => query is not null);
        }
    }

    // Numbers of questions by a hash of their text: a question is made again from its number, so a million take 40 MB.
    private sealed class Ahead(ReasoningTasks tasks)
    {
        private readonly Dictionary<ulong, long> _numbers = [];
        private long _seen;
        private long _furthest;

        public TaskQuery? Find(string prompt, int questionsAhead)
        {
            var hash = HashOf(prompt);
            long number;
            while (!_numbers.TryGetValue(hash, out number))
            {
                if (_seen >= _furthest + questionsAhead)
                {
                    return null;
                }

                _numbers.TryAdd(HashOf(tasks.At(_seen).Prompt), _seen);
                _seen++;
            }

            _furthest = Math.Max(_furthest, number);
            var query = tasks.At(number);
            return query.Prompt == prompt ? query : null;
        }

        private static ulong HashOf(string prompt) => BitConverter.ToUInt64(SHA256.HashData(Encoding.UTF8.GetBytes(prompt)));
    }
}
