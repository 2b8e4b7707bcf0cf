using System.Text;
using System.Text.Json;
using Orca.Cli.Commands;
using Orca.Streams.Curricula.Control;

namespace Orca.Cli.Tuning;

/// <summary>Commands as JSON that somebody has written: a file, standard input or a text; one, or one after the other.</summary>
internal static class CommandTexts
{
    private const string StandardInput = "-";

    /// <summary>The commands that a source holds, in order.</summary>
    /// <exception cref="CommandException">It holds none.</exception>
    /// <exception cref="CommandRefusedException">One cannot be read.</exception>
    public static async Task<IReadOnlyList<CurriculumCommand>> ReadAsync(
        string source, TextReader input, CancellationToken cancellationToken)
    {
        var text = source == StandardInput ? await input.ReadToEndAsync(cancellationToken)
            : File.Exists(source) ? await File.ReadAllTextAsync(source, cancellationToken)
            : source;
        var commands = Values(text).Select(CommandJson.Read).ToList();
        return commands.Count > 0 ? commands : throw new CommandException(
            "There is no command to send; give JSON such as {\"command\":\"publish\"}, a file of it, or - for standard input.");
    }

    private static List<string> Values(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        var reader = new Utf8JsonReader(bytes, new JsonReaderOptions { AllowMultipleValues = true });
        var values = new List<string>();
        try
        {
            while (reader.Read())
            {
                var begin = (int)reader.TokenStartIndex;
                reader.Skip();
                values.Add(Encoding.UTF8.GetString(bytes.AsSpan(begin, (int)reader.BytesConsumed - begin)));
            }
        }
        catch (JsonException fault)
        {
            throw new CommandException(
                $"'{(text.Length > 60 ? text[..60] + "…" : text)}' is neither a file nor JSON ({fault.Message.TrimEnd('.')}); give a "
                    + "command such as {\"command\":\"publish\"}.");
        }

        return values;
    }
}
