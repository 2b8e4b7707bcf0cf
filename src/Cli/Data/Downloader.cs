using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using Orca.Cli.Commands;

namespace Orca.Cli.Data;

/// <summary>
/// Brings files onto the disk, one at a time: goes on where a part is there, tries again where the connection is lost, and gives a file
/// its name only when its SHA-256 is right.
/// </summary>
/// <param name="server">Asks for them.</param>
/// <param name="pace">How long it tries.</param>
/// <param name="progress">Told what has come, and of pauses.</param>
internal sealed class Downloader(DataServer server, DownloadPace pace, IProgress<DownloadStatus> progress)
{
    private readonly byte[] _buffer = new byte[1 << 17];

    /// <summary>Brings one file. Where it ends otherwise, what has come is kept in a part, unless that cannot be one of the file.</summary>
    /// <param name="download">The file.</param>
    /// <param name="replace">Whether a file at its place may be replaced.</param>
    /// <param name="cancellationToken">Ends it, with the part kept.</param>
    /// <exception cref="CommandException">It cannot be had, or is another.</exception>
    /// <exception cref="IOException">It cannot be written.</exception>
    public async Task FetchAsync(Download download, bool replace, CancellationToken cancellationToken)
    {
        using var part = PartFile.Open(download);
        await CompleteAsync(download, part, cancellationToken);
        var found = await part.DigestAsync(cancellationToken);
        if (found != download.Sha256 && part.IsPieced)
        {
            // Its pieces may be of different files, which no tag told.
            part.Restart();
            await CompleteAsync(download, part, cancellationToken);
            found = await part.DigestAsync(cancellationToken);
        }

        if (found != download.Sha256)
        {
            part.Discard();
            throw Other(download, $"has the SHA-256 {found}, and {download.Sha256} is expected");
        }

        part.Finish(replace);
    }

    private async Task CompleteAsync(Download download, PartFile part, CancellationToken cancellationToken)
    {
        var (tries, furthest) = (0, part.Length);
        while (true)
        {
            try
            {
                while (!await GoOnAsync(download, part, cancellationToken))
                {
                    // What was there is no part of what is there now.
                }

                return;
            }
            catch (TransferException fault)
            {
                // A server that starts anew each time does not get further.
                (tries, furthest) = part.Length > furthest ? (1, part.Length) : (tries + 1, furthest);
                await PauseAsync(download, part, fault, tries, cancellationToken);
            }
        }
    }

    private async Task PauseAsync(
        Download download, PartFile part, TransferException fault, int tries, CancellationToken cancellationToken)
    {
        var pause = fault.Pause ?? pace.PauseAfter(tries);
        if (tries >= pace.Tries || pause > pace.LongestAsked)
        {
            var when = pause > pace.LongestAsked ? $" in {Display.Durations.Text(pause)}" : "";
            var kept = part.Length > 0 ? $"; '{part.Path}' keeps what came" : "";
            throw new CommandException(
                $"'{download.Source}' could not be fetched: {fault.Message}{kept}; start the same command again{when}.", fault);
        }

        progress.Report(new DownloadStatus(download, part.Length, WholeOf(download, part))
        {
            Pause = $"{fault.Message}; trying again in {pause.TotalSeconds.ToString("0.#", CultureInfo.InvariantCulture)} s",
        });
        await Task.Delay(pause, pace.Clock, cancellationToken);
    }

    /// <summary>Fetches what is missing.</summary>
    /// <returns>Whether it is all there; false where it is to be begun anew.</returns>
    private async Task<bool> GoOnAsync(Download download, PartFile part, CancellationToken cancellationToken)
    {
        if (part.Length > 0 && part.Length == WholeOf(download, part))
        {
            return true;
        }

        if (part.Length > WholeOf(download, part))
        {
            part.Restart();
        }

        // A weak tag does not say that the bytes are the same, and another server's says nothing.
        var tag = part.Note.Source == download.Source.AbsoluteUri && EntityTagHeaderValue.TryParse(part.Note.Tag, out var known)
            && !known.IsWeak ? known : null;
        using var reply = await server.AskAsync(download.Source, part.Length, tag, cancellationToken);
        switch (reply.StatusCode)
        {
            case HttpStatusCode.OK:
                part.Restart();
                await CopyAsync(download, part, reply, reply.Content.Headers.ContentLength, cancellationToken);
                return true;
            case HttpStatusCode.PartialContent when part.Length > 0:
                if (!GoesOn(download, part, reply))
                {
                    part.Restart();
                    return false;
                }

                await CopyAsync(download, part, reply, reply.Content.Headers.ContentRange!.Length ?? part.Note.Length, cancellationToken);
                return true;
            case HttpStatusCode.RequestedRangeNotSatisfiable when part.Length > 0:
                if (reply.Content.Headers.ContentRange?.Length == part.Length)
                {
                    return true;
                }

                part.Restart();
                return false;
            case HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests or >= HttpStatusCode.InternalServerError:
                throw new TransferException($"the server answered {StatusOf(reply)}", PauseOf(reply.Headers.RetryAfter));
            default:
                throw new CommandException(
                    $"'{download.Source}' cannot be had: the server answered {StatusOf(reply)}; check the address, or take another.");
        }
    }

    private async Task CopyAsync(
        Download download, PartFile part, HttpResponseMessage reply, long? length, CancellationToken cancellationToken)
    {
        if (length is { } told && download.Bytes is { } wanted && told != wanted)
        {
            part.Discard();
            throw Other(download, string.Create(CultureInfo.InvariantCulture, $"has {told} bytes, and {wanted} are expected"));
        }

        part.Begin(reply.Headers.ETag?.ToString(), length);
        var whole = WholeOf(download, part);
        using var waiting = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        while (await ReadAsync(reply, waiting, cancellationToken) is > 0 and var count)
        {
            if (part.Length + count > whole)
            {
                part.Discard();
                throw Other(download, string.Create(CultureInfo.InvariantCulture, $"has more than the {whole} bytes that are expected"));
            }

            part.Append(_buffer.AsSpan(0, count));
            progress.Report(new DownloadStatus(download, part.Length, whole));
        }

        if (part.Length < whole)
        {
            throw new TransferException("the connection ended too early");
        }
    }

    private async Task<int> ReadAsync(HttpResponseMessage reply, CancellationTokenSource waiting, CancellationToken cancellationToken)
    {
        waiting.CancelAfter(pace.Patience);
        try
        {
            var body = await reply.Content.ReadAsStreamAsync(waiting.Token);
            return await body.ReadAsync(_buffer, waiting.Token);
        }
        catch (OperationCanceledException late) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TransferException($"nothing came for {pace.Patience.TotalSeconds:0.#} s", inner: late);
        }
        catch (Exception lost) when (lost is IOException or HttpRequestException)
        {
            throw new TransferException($"the connection was lost ({lost.GetBaseException().Message.TrimEnd('.')})", inner: lost);
        }
    }

    private TimeSpan? PauseOf(RetryConditionHeaderValue? asked) => asked switch
    {
        { Delta: { } delta } => delta,
        { Date: { } date } when date - pace.Clock.GetUtcNow() is var rest => rest > TimeSpan.Zero ? rest : TimeSpan.Zero,
        _ => null,
    };

    private static bool GoesOn(Download download, PartFile part, HttpResponseMessage reply)
    {
        var range = reply.Content.Headers.ContentRange;
        var isSameLength = part.Note.Length is null || range?.Length is null || range.Length == part.Note.Length;
        var isSameTag = part.Note.Tag is null || reply.Headers.ETag is null || part.Note.Source != download.Source.AbsoluteUri
            || part.Note.Tag == reply.Headers.ETag.ToString();
        return range is { Unit: "bytes", From: { } from } && from == part.Length && isSameLength && isSameTag;
    }

    private static long? WholeOf(Download download, PartFile part) => download.Bytes ?? part.Note.Length;

    private static string StatusOf(HttpResponseMessage reply) =>
        string.Create(CultureInfo.InvariantCulture, $"{(int)reply.StatusCode} {reply.ReasonPhrase}").TrimEnd();

    private static CommandException Other(Download download, string how) => new(
        $"'{download.Source}' {how}: it is another file, or was changed on its way; nothing of it was kept, so check address and SHA-256 "
            + "against what its publisher says, or take it from elsewhere.");
}
