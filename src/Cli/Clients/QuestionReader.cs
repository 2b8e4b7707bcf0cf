namespace Orca.Cli.Clients;

/// <summary>What somebody wrote.</summary>
/// <param name="Text">The text, as it was written.</param>
/// <param name="IsBlock">Whether it stood between marks.</param>
internal sealed record Question(string Text, bool IsBlock);

/// <summary>Reads questions from a terminal or a pipe: one a line, or several lines between lines of three quotation marks.</summary>
/// <param name="input">Where they come from.</param>
/// <param name="prompts">Where the person is asked; <see cref="TextWriter.Null"/> for a pipe.</param>
internal sealed class QuestionReader(TextReader input, TextWriter prompts)
{
    private const string Fence = "\"\"\"";

    /// <summary>The next question, never blank; null where there are no more.</summary>
    public async Task<Question?> ReadAsync(CancellationToken cancellationToken)
    {
        while (await LineAsync("> ", cancellationToken) is { } line)
        {
            var isBlock = line.TrimStart().StartsWith(Fence, StringComparison.Ordinal);
            var text = isBlock ? await BlockAsync(line.TrimStart()[Fence.Length..], cancellationToken) : line;
            if (!string.IsNullOrWhiteSpace(text))
            {
                return new Question(text, isBlock);
            }
        }

        return null;
    }

    // What stands between the marks, without the line breaks next to them. A mark inside a line is part of the text.
    private async Task<string> BlockAsync(string first, CancellationToken cancellationToken)
    {
        var lines = new List<string>();
        for (var line = first; line is not null; line = await LineAsync(". ", cancellationToken))
        {
            if (line.TrimEnd().EndsWith(Fence, StringComparison.Ordinal))
            {
                lines.Add(line.TrimEnd()[..^Fence.Length]);
                break;
            }

            lines.Add(line);
        }

        return string.Join('\n', lines).Trim('\n', '\r');
    }

    private async Task<string?> LineAsync(string prompt, CancellationToken cancellationToken)
    {
        await prompts.WriteAsync(prompt);
        await prompts.FlushAsync(cancellationToken);
        // A terminal's read cannot be cancelled; it is left behind when the process ends.
        return await Task.Run(input.ReadLine, CancellationToken.None).WaitAsync(cancellationToken);
    }
}
