using System.Text.Json;
using Orca.Cli.Commands;

namespace Orca.Cli.Teacher.Batches;

/// <summary>A folder whose files are replaced whole or not at all, so that a process that is killed leaves none half written.</summary>
/// <param name="path">The folder; made where it is missing.</param>
internal sealed class StateFolder(string path)
{
    /// <summary>How objects are written, here and to callers: as OpenAI's interface writes them.</summary>
    public static readonly JsonSerializerOptions Form = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    private readonly string _path = Directory.CreateDirectory(path).FullName;

    /// <summary>Path of a file in it.</summary>
    public string this[string name] => Path.Combine(_path, name);

    /// <summary>Every object whose file has a name of this end.</summary>
    public IEnumerable<T> ReadAll<T>(string end) =>
        Directory.EnumerateFiles(_path, "*" + end).Order(StringComparer.Ordinal)
            .Select(Read<T>);

    private static T Read<T>(string file)
    {
        try
        {
            return JsonSerializer.Deserialize<T>(File.ReadAllText(file), Form) ?? throw new JsonException("it is empty");
        }
        catch (JsonException failure)
        {
            throw new CommandException($"'{file}' is damaged ({failure.Message.TrimEnd('.')}); delete it, or name another folder with "
                + "--state.");
        }
    }

    /// <summary>Writes an object.</summary>
    public void Write<T>(string name, T value) => Write(name, stream => JsonSerializer.Serialize(stream, value, Form));

    /// <summary>Writes a file.</summary>
    public void Write(string name, Action<Stream> write)
    {
        var beside = this[name] + ".part";
        using (var stream = new FileStream(beside, FileMode.Create))
        {
            write(stream);
            stream.Flush(flushToDisk: true);
        }

        File.Move(beside, this[name], overwrite: true);
    }
}
