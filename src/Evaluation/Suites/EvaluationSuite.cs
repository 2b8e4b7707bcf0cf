using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;

namespace Orca.Evaluation.Suites;

/// <summary>A benchmark as it is published: tasks of questions.</summary>
/// <param name="Name">Its name, such as <c>bbh</c>.</param>
/// <param name="Tasks">Its tasks by name.</param>
public sealed record EvaluationSuite(string Name, ImmutableArray<EvaluationTask> Tasks)
{
    /// <summary>Texts by which training data that holds the benchmark can be told; empty for none.</summary>
    public ImmutableArray<string> Canaries { get; init; } = [];

    /// <summary>All questions.</summary>
    public IEnumerable<EvaluationItem> Items => Tasks.SelectMany(task => task.Items);

    /// <summary>Changes when any question or answer does: 16 bytes in hex.</summary>
    public string Hash => Convert.ToHexStringLower(
        SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', Items.Select(item => item.Id)))).AsSpan(0, 16));

    /// <summary>
    /// At most so many questions of each task, spread evenly over the file. Files are often sorted: the first ones would not stand for all.
    /// </summary>
    public EvaluationSuite Limited(int itemsOfATask) => this with
    {
        Tasks =
        [
            .. Tasks.Select(task => task.Items.Length <= itemsOfATask ? task : task with
            {
                Items = [.. Enumerable.Range(0, itemsOfATask).Select(i => task.Items[(int)((long)i * task.Items.Length / itemsOfATask)])],
            }),
        ],
    };
}
