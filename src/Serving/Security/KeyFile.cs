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
        catch (Exception missing) when (missing is IOException or UnauthorizedAccessException)
        {
            throw new ServingException($"The key file '{path}' cannot be read ({missing.Message.TrimEnd('.')}); make one with 'orca keys add NAME --scope read'.", missing);
        }
    }

    /// <summary>The keys in a file's text.</summary>
    /// <exception cref="ServingException">A line is malformed.</exception>
    internal static ImmutableArray<AccessKey> Parse(string path, string text) =>
        [.. text.Split('\n').Index().Where(line => IsKey(line.Item)).Select(line => Parse(path, line.Index + 1, line.Item.TrimEnd('\r')))];

    /// <summary>Adds a key to the file, which need not exist; the file is its owner's alone to read.</summary>
    /// <exception cref="ServingException">A key of that name is there, or the file is malformed.</exception>
    public static void Add(string path, AccessKey key)
    {
        var lines = File.Exists(path) ? File.ReadAllLines(path) : [Heading];
        if (File.Exists(path) && Read(path).Any(known => known.Name == key.Name))
        {
            throw new ServingException($"'{path}' has a key named '{key.Name}'; choose another name, or remove that one first with 'orca keys remove {key.Name}'.");
        }

        Write(path, [.. lines, $"sha256:{Convert.ToHexStringLower(key.Hash.AsSpan())} {key.Scope.Text()} {key.Name}"]);
    }

    /// <summary>Removes a key.</summary>
    /// <exception cref="ServingException">There is none of that name, or the file is missing or malformed.</exception>
    public static void Remove(string path, string name)
    {
        if (!Read(path).Any(key => key.Name == name))
        {
            throw new ServingException($"'{path}' has no key named '{name}'; 'orca keys list' shows those it has.");
        }

        Write(path, [.. File.ReadAllLines(path).Where((line, i) => !IsKey(line) || Parse(path, i + 1, line).Name != name)]);
    }

    private static bool IsKey(string line) => line.Trim() is { Length: > 0 } text && text[0] != '#';

    private static AccessKey Parse(string path, int number, string line) =>
        Line().Match(line) is { Success: true } match
            ? new AccessKey(
                match.Groups["name"].Value,
                AccessScopeText.Parse(match.Groups["scope"].Value)!.Value,
                [.. Convert.FromHexString(match.Groups["hash"].Value)])
            : throw new ServingException($"Line {number} of the key file '{path}' is no key; expected sha256:HEX, then {AccessScopeText.All}, then a name, as 'orca keys add' writes it.");

    // Written beside and renamed, so that a server never reads half a file.
    private static void Write(string path, string[] lines)
    {
        var beside = path + ".new";
        File.Delete(beside);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using (var writer = new StreamWriter(beside, options))
        {
            foreach (var line in lines)
            {
                writer.WriteLine(line);
            }
        }

        File.Move(beside, path, overwrite: true);
    }

    [GeneratedRegex("^sha256:(?<hash>[0-9a-f]{64}) +(?<scope>read|priority|control) +(?<name>[A-Za-z0-9._-]{1,64}) *$")]
    private static partial Regex Line();

    [GeneratedRegex("^[A-Za-z0-9._-]{1,64}$")]
    private static partial Regex Name();
}
