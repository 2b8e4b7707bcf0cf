using System.CommandLine;
using System.Globalization;
using Orca.Cli.Data;
using Orca.Cli.Display;
using Orca.Cli.Doctor;

namespace Orca.Cli.Commands;

/// <summary><c>orca data</c>: brings data sets onto the disk.</summary>
internal static class DataCommand
{
    private const string DefaultFolder = "data";

    private static readonly Argument<string[]> Wanted = new("NAME")
    {
        Description = "Data sets, as 'orca data list' names them; or the address of one file, http:// or https://.",
        Arity = ArgumentArity.OneOrMore,
    };

    private static readonly Option<string> To = new("--to")
    {
        Description = $"The folder that they are put in, each set in a folder of its name. An address's file may be given its own path. "
            + $"Default: {DefaultFolder}.",
        HelpName = "PATH",
        DefaultValueFactory = _ => DefaultFolder + Path.DirectorySeparatorChar,
    };

    private static readonly Option<string?> Sha256 = new("--sha256")
    {
        Description = "The SHA-256 of an address's file; nothing else is kept under its name.",
        HelpName = "HEX",
    };

    private static readonly Option<string> Base = new("--base-url")
    {
        Description = "Where sets are taken from: OWNER/REPOSITORY/COMMIT/PATH below this address. Default: GitHub.",
        HelpName = "URL",
        DefaultValueFactory = _ => "https://raw.githubusercontent.com/",
    };

    private static readonly Option<bool> Force = new("--force")
    {
        Description = "Replaces files that are there and are others.",
    };

    public static Command Create()
    {
        var pull = new Command(
            "pull",
            "Fetches data sets by name, or one file by its address. Goes on where it was ended, and keeps only what has the right SHA-256.")
        {
            Wanted, To, Sha256, Base, Force,
        };
        pull.SetAction(PullAsync);
        var list = new Command("list", "Lists the data sets that can be fetched by name, with their licences and what they are for.");
        list.SetAction(_ => List());
        return new Command("data", "Brings data sets onto the disk.") { pull, list };
    }

    private static int List()
    {
        Console.Out.WriteLine($"{"set",-12}  {"files",5}  {"size",8}  {"use",-23}  {"licence",-15}  what it is");
        foreach (var set in DataCatalogue.Sets)
        {
            Console.Out.WriteLine(
                $"{set.Name,-12}  {set.Files.Length,5}  {Size.Text(set.Bytes),8}  {set.Use,-23}  {set.Licences,-15}  {set.What}");
        }

        return ExitCodes.Done;
    }

    private static async Task<int> PullAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var downloads = DownloadsOf(parsed);
        var pace = new DownloadPace();
        var display = new DownloadDisplay(ProgressLine.OnStandardError(pace.Clock));
        using var server = new DataServer(pace.Patience);
        var pull = new DataPull(new Downloader(server, pace, display), line =>
        {
            display.Clear();
            Console.Out.WriteLine(TerminalText.Harmless(line));
        });
        try
        {
            await pull.RunAsync(downloads, parsed.GetValue(Force), cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            display.Clear();
            Console.Error.WriteLine("What came so far is kept; the same command goes on from there.");
            throw;
        }
        finally
        {
            display.Clear();
        }

        return ExitCodes.Done;
    }

    private static List<Download> DownloadsOf(ParseResult parsed)
    {
        var (wanted, sha256) = (parsed.GetRequiredValue(Wanted), parsed.GetValue(Sha256));
        if (wanted.FirstOrDefault(IsAddress) is { } address)
        {
            return wanted.Length == 1
                ? [OfAddress(address, sha256, parsed.GetRequiredValue(To))]
                : throw new CommandException("An address is fetched alone, since --sha256 is that of one file; give one at a time.");
        }

        if (sha256 is not null)
        {
            throw new CommandException("Flag --sha256 is for an address; the digests of data sets are known.");
        }

        var (origin, folder) = (OriginOf(parsed.GetRequiredValue(Base)), parsed.GetRequiredValue(To));
        var sets = wanted.Select(DataCatalogue.Find).Distinct().ToList();
        foreach (var set in sets)
        {
            Console.Out.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{set.Name}: {set.Files.Length} files, {Size.Text(set.Bytes)}, of {set.Repository}; "
                    + $"licence {set.Licences}; for {set.Use}"));
        }

        return [.. sets.SelectMany(set => set.Downloads(origin, folder))];
    }

    private static bool IsAddress(string text) => text.Contains("://", StringComparison.Ordinal);

    private static Download OfAddress(string address, string? sha256, string to)
    {
        if (AddressIn(address) is not { } source)
        {
            throw new CommandException($"'{address}' is no address that can be fetched; expected one such as "
                + "https://HOST/PATH/FILE, without a password.");
        }

        return sha256 switch
        {
            null => throw new CommandException(
                "An address needs --sha256 HEX, so that what comes is what was meant: the publisher's page tells it, or 'sha256sum FILE' "
                    + "of a copy that you trust."),
            { Length: 64 } when sha256.All(char.IsAsciiHexDigit) =>
                new Download(source, DownloadTarget.Of(source, to), sha256.ToLowerInvariant(), null),
            _ => throw new CommandException(
                $"Flag --sha256 is '{sha256}'; expected 64 hexadecimal digits, as 'sha256sum FILE' prints them."),
        };
    }

    private static Uri OriginOf(string address) => AddressIn(address) is { Query: "", Fragment: "" } origin
        ? new Uri(origin.AbsoluteUri.TrimEnd('/') + "/")
        : throw new CommandException($"Flag --base-url is '{address}'; expected an address such as https://HOST/PATH.");

    private static Uri? AddressIn(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var address) && address is { Scheme: "http" or "https", UserInfo: "" } ? address : null;
}
