using System.Collections.Immutable;

namespace Orca.Cli.Data;

/// <summary>A published data set: files of one commit of a repository.</summary>
/// <param name="Name">What it is pulled by, and the folder that it is put in.</param>
/// <param name="Repository">Its repository on GitHub, OWNER/NAME.</param>
/// <param name="Commit">The commit.</param>
/// <param name="IsEvaluation">Whether it is there to examine models with, so that none may be trained on it.</param>
/// <param name="What">What it is, in words.</param>
/// <param name="Files">Its files; licence texts among them.</param>
internal sealed record DataSet(
    string Name, string Repository, string Commit, bool IsEvaluation, string What, ImmutableArray<DataFile> Files)
{
    /// <summary>What it may be used for.</summary>
    public string Use => IsEvaluation ? "evaluation, never train" : "training";

    /// <summary>Bytes of all files.</summary>
    public long Bytes => Files.Sum(file => file.Bytes);

    /// <summary>The licences of its files, each once.</summary>
    public string Licences => string.Join(", ", Files.Select(file => file.Licence).Where(licence => licence != "-").Distinct());

    /// <summary>Its files as downloads.</summary>
    /// <param name="origin">Below which OWNER/NAME/COMMIT/PATH are found.</param>
    /// <param name="folder">The folder that its own is put in.</param>
    public IEnumerable<Download> Downloads(Uri origin, string folder) => Files.Select(file => new Download(
        new Uri(origin, $"{Repository}/{Commit}/{string.Join('/', file.Origin.Split('/').Select(Uri.EscapeDataString))}"),
        Path.Combine(folder, Name, file.Path),
        file.Sha256,
        file.Bytes));
}

/// <summary>One file of a data set.</summary>
/// <param name="Path">Its path in the set's folder, with slashes.</param>
/// <param name="Origin">Its path in the repository.</param>
/// <param name="Bytes">Its length.</param>
/// <param name="Sha256">Its SHA-256, 64 hexadecimal digits in lower case.</param>
/// <param name="Licence">Its licence; - for a text that tells the licences of the others.</param>
internal sealed record DataFile(string Path, string Origin, long Bytes, string Sha256, string Licence);
