using System.Runtime.InteropServices;
using Grpc.Core;
using Microsoft.AspNetCore.Connections;
using Orca.Cli.Configuration;
using Orca.Cli.Display;
using Orca.Evaluation.Suites;
using Orca.Model;
using Orca.Model.Checkpoints;
using Orca.Model.Native;
using Orca.Serving.Hosting;
using Orca.Serving.Requests;
using Orca.Streams;
using Orca.Streams.Curricula.Control;
using Orca.Streams.Storage;
using Orca.Streams.Teachers;
using Orca.Training;

namespace Orca.Cli.Commands;

/// <summary>Tells a user's mistake, or a fault outside that only the user can mend, in one sentence.</summary>
internal static class UserFault
{
    // errno values of Linux and macOS, which .NET hands on as the HResult of an IOException.
    private const int NoSpaceLeft = 28;
    private const int FileTooLarge = 27;

    // https://www.sqlite.org/rescode.html
    private const int SqliteReadFault = 10;
    private const int SqliteCorrupt = 11;
    private const int SqliteFull = 13;
    private const int SqliteNoDatabase = 26;

    /// <summary>Prints the sentence on standard error.</summary>
    /// <returns><see cref="ExitCodes.Mistake"/>.</returns>
    public static int Tell(string sentence)
    {
        Console.Error.WriteLine(TerminalText.Harmless(sentence));
        return ExitCodes.Mistake;
    }

    /// <summary>The sentence for an exception; null where it is a defect, whose stack trace somebody needs.</summary>
    public static string? SentenceOf(Exception exception) => exception switch
    {
        AggregateException { InnerExceptions.Count: >= 1 } several => SentenceOf(several.InnerExceptions[0]),
        TypeInitializationException { InnerException: { } inner } => SentenceOf(inner),
        CommandException or SettingsException or TorchRuntimeException or CommandRefusedException => exception.Message,
        ModelFormatException { InnerException: IOException io } when IsFull(io.HResult & 0xFFFF) => Full(io),
        ModelFormatException or CheckpointException or TaskFormatException or TeacherException or TraceStoreException => exception.Message,
        TrainingException or ServingException or GenerationException or EvaluationException => exception.Message,
        RpcException rpc => OfRpc(rpc),
        AddressInUseException => InUse,
        IOException { InnerException: AddressInUseException } => InUse,
        IOException io when IsFull(io.HResult & 0xFFFF) => Full(io),
        IOException or UnauthorizedAccessException => exception.Message,
        ExternalException native when IsSqlite(native, out var code) && code == SqliteFull =>
            "The disk is full (traces.db cannot grow); free some space and start the same command again, it goes on where it stopped.",
        ExternalException native when IsSqlite(native, out var code) && code is SqliteCorrupt or SqliteNoDatabase or SqliteReadFault =>
            $"The trace store cannot be read ({native.Message.TrimEnd('.')}): its file is damaged, or the disk is; save what there is with "
                + "'sqlite3 traces.db .recover', or move it away and start anew.",
        { InnerException: { } inner } => SentenceOf(inner),
        _ => null,
    };

    private const string InUse = "The port is in use; end the process that listens there, or choose another with --port (0 takes a free "
        + "one).";

    private static string Full(IOException io) =>
        $"The disk is full ({io.Message.TrimEnd('.')}); free some space and start the same command again.";

    private static bool IsFull(int error) => error is NoSpaceLeft or FileTooLarge;

    private static bool IsSqlite(ExternalException exception, out int code)
    {
        code = exception is Microsoft.Data.Sqlite.SqliteException sqlite ? sqlite.SqliteErrorCode : 0;
        return code != 0;
    }

    private static string OfRpc(RpcException rpc) => rpc.StatusCode switch
    {
        StatusCode.Unavailable => $"No server answers ({Detail(rpc)}); start one with 'orca daemon' or 'orca serve', or give its address.",
        StatusCode.Unimplemented => "The server there does not offer this service; is it an Orca server of this version?",
        _ => $"The server answered {rpc.StatusCode}: {Detail(rpc)}",
    };

    private static string Detail(RpcException rpc) => rpc.Status.Detail.ReplaceLineEndings(" ").TrimEnd('.');
}
