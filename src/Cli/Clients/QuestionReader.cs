using System.Text;

namespace Orca.Cli.Clients;

/// <summary>Reads questions from a terminal or a pipe: one a line, or several lines between lines of three quotation marks.</summary>
/// <param name="input">Where they come from.</param>
/// <param name="prompts">Where the person is asked; <see cref="TextWriter.Null"/> for a pipe.</param>
internal sealed class QuestionReader(TextReader input, TextWriter prompts)
{
    private const string Fence = "\"\"\"";

    /// <summary>The next question, never blank; null where there are no more.</summary>
    public async Task<string?> ReadAsync(CancellationToken cancellationToken)
    {
        while (await LineAsync("> ", cancellationToken) is { } line)
        {
            var question = line.TrimStart().StartsWith(Fence, StringComparison.Ordinal)
                ? await BlockAsync(line.TrimStart()[Fence.Length..], cancellationToken)
                : line;
            if (!string.IsNullOrWhiteSpace(question))
            {
                return question.Trim();
            }
        }

        return null;
    }

    private async Task<string> BlockAsync(string first, CancellationToken cancellationToken)
    {
        var block = new StringBuilder();
        for (var line = first; line is not null; line = await LineAsync(". ", cancellationToken))
        {
            var end = line.IndexOf(Fence, StringComparison.Ordinal);
            block.AppendLine(end < 0 ? line : line[..end]);
            if (end >= 0)
            {
                break;
            }
        }

        return block.ToString();
    }

    private async Task<string?> LineAsync(string prompt, CancellationToken cancellationToken)
    {
        await prompts.WriteAsync(prompt);
        await prompts.FlushAsync(cancellationToken);
        // A terminal's read cannot be cancelled; it is left behind when the process ends.
        return await Task.Run(input.ReadLine, CancellationToken.None).WaitAsync(cancellationToken);
    }
}
