using System.Collections.Immutable;
using System.Text.RegularExpressions;
using Orca.Serving.Hosting;

namespace Orca.Serving.Security;

/// <summary>
/// A file of keys, one a line: <c>sha256:HEX SCOPE NAME</c>. Empty lines and those that begin with <c>#</c> mean nothing.
/// </summary>
public static partial class KeyFile
{
    /// <summary>Names have 1 to 64 of the characters a-z, A-Z, 0-9, dot, dash and underscore.</summary>
    public const int MaxNameLength = 64;

    private const string Heading = "# Keys of an Orca server: hash, scope and name of each. The keys themselves are kept nowhere.";

    /// <summary>Whether a key may be named so.</summary>
    public static bool IsName(string name) => Name().IsMatch(name);

    /// <summary>Reads the keys.</summary>
    /// <exception cref="ServingException">The file is missing, or a line is malformed.</exception>
    public static ImmutableArray<AccessKey> Read(string path) => Parse(path, ReadText(path));

    /// <summary>Reads the file as it is.</summary>
    /// <exception cref="ServingException">It is missing.</exception>
    internal static string ReadText(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception missing) when (missing is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new ServingException(
                $"The key file '{path}' cannot be read ({missing.Message.TrimEnd('.')}); make one with 'orca keys add NAME --scope read'.",
                missing);
        }
    }

    /// <summary>The keys in a file's text.</summary>
    /// <exception cref="ServingException">A line is malformed.</exception>
    internal static ImmutableArray<AccessKey> Parse(string path, string text) =>
        [.. text.Split('\n').Index().Where(line => IsKey(line.Item)).Select(line => Parse(path, line.Index + 1, line.Item.TrimEnd('\r')))];

    /// <summary>
    /// Adds a key to the file. One that does not exist is made, for its owner alone; all else of one that does stays as it is.
    /// </summary>
    /// <exception cref="ServingException">A key of that name is there, or the file is malformed or cannot be written.</exception>
    public static void Add(string path, AccessKey key) => Change(path, text =>
    {
        if (Parse(path, WithoutMark(text)).Any(known => known.Name == key.Name))
        {
            throw new ServingException($"'{path}' has a key named '{key.Name}'; choose another name, or remove that one first with 'orca "
                + $"keys remove {key.Name}'.");
        }

        var end = text.Contains("\r\n", StringComparison.Ordinal) ? "\r\n" : "\n";
        var before = text.Length == 0 ? Heading + end : text.EndsWith('\n') ? text : text + end;
        return $"{before}sha256:{Convert.ToHexStringLower(key.Hash.AsSpan())} {key.Scope.Text()} {key.Name}{end}";
    });

    /// <summary>Removes a key; all else of the file stays as it is.</summary>
    /// <exception cref="ServingException">There is none of that name, or the file is missing, malformed or cannot be written.</exception>
    public static void Remove(string path, string name)
    {
        _ = ReadText(path);
        Change(path, text =>
        {
            if (!Parse(path, WithoutMark(text)).Any(key => key.Name == name))
            {
                throw new ServingException($"'{path}' has no key named '{name}'; 'orca keys list' shows those it has.");
            }

            return string.Concat(Lines(text).Where((line, i) => !IsKey(WithoutMark(line)) || Parse(
                path, i + 1, WithoutMark(line).TrimEnd('\r', '\n')).Name != name));
        });
    }

    private static void Change(string path, Func<string, string> change)
    {
        try
        {
            FileChange.Make(path, change);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or ArgumentException)
        {
            var remedy = fault is UnauthorizedAccessException ? ": run the command as a user who may write to its folder" : "";
            throw new ServingException(
                $"The key file '{path}' cannot be changed ({fault.Message.TrimEnd('.')}); it is as it was{remedy}.", fault);
        }
    }

    // The three bytes that some editors begin a text with.
    private static string WithoutMark(string text) => text.StartsWith("\u00EF\u00BB\u00BF", StringComparison.Ordinal) ? text[3..] : text;

    // Each with what ends it.
    private static IEnumerable<string> Lines(string text)
    {
        for (var begin = 0; begin < text.Length;)
        {
            var end = text.IndexOf('\n', begin) is >= 0 and var found ? found + 1 : text.Length;
            yield return text[begin..end];
            begin = end;
        }
    }

    private static bool IsKey(string line) => line.Trim() is { Length: > 0 } text && text[0] != '#';

    private static AccessKey Parse(string path, int number, string line) =>
        Line().Match(line) is { Success: true } match
            ? new AccessKey(
                match.Groups["name"].Value,
                AccessScopeText.Parse(match.Groups["scope"].Value)!.Value,
                [.. Convert.FromHexString(match.Groups["hash"].Value)])
            : throw new ServingException($"Line {number} of the key file '{path}' is no key; expected sha256:HEX, then "
                + $"{AccessScopeText.All}, then a name, as 'orca keys add' writes it.");

    [GeneratedRegex("^sha256:(?<hash>[0-9a-f]{64}) +(?<scope>read|priority|control) +(?<name>[A-Za-z0-9._-]{1,64}) *$")]
    private static partial Regex Line();

    [GeneratedRegex("^[A-Za-z0-9._-]{1,64}$")]
    private static partial Regex Name();
}
