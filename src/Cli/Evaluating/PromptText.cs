using Orca.Evaluation.Protocols;
using Orca.Evaluation.Suites;

namespace Orca.Cli.Evaluating;

/// <summary>Writes prompts so that every blank of them is visible.</summary>
internal static class PromptText
{
    /// <summary>The prompts of a benchmark: each line between bars, blanks at its end included.</summary>
    public static void Write(TextWriter output, EvaluationSuite suite, IProtocol protocol, ProtocolOptions options)
    {
        foreach (var (task, item) in suite.Tasks.SelectMany(task => task.Items.Select(item => (task, item))))
        {
            var prompt = protocol.Ask(item, task, options, 0);
            output.WriteLine($"{item.Key}: {(prompt.IsRaw ? "raw text" : "a chat")}, temperature {prompt.Temperature:0.##}, gold "
                + $"{string.Join(" | ", item.Gold)}, prompt {prompt.Hash}");
            WriteLines(output, "system", prompt.SystemMessage);
            WriteLines(output, "text", prompt.Text);
            foreach (var choice in prompt.Continuations)
            {
                WriteLines(output, "choice", choice);
            }

            foreach (var stop in prompt.Stops)
            {
                WriteLines(output, "stop", stop.Replace("\n", "\\n", StringComparison.Ordinal));
            }

            output.WriteLine();
        }
    }

    private static void WriteLines(TextWriter output, string name, string text)
    {
        foreach (var line in text.Split('\n'))
        {
            output.WriteLine($"  {name,-6} |{line}|");
        }
    }
}
