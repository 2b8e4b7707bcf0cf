using Orca.Protocol.Curriculum.V1;
using Orca.Serving.Requests;
using Orca.Streams.Curricula.Control;

namespace Orca.Serving.Grpc;

/// <summary>Commands that the curriculum refuses, as callers are told.</summary>
internal static class CommandRefusal
{
    /// <summary>As a failure that ends the call.</summary>
    /// <param name="refusal">The refusal.</param>
    /// <param name="id">The command's id.</param>
    /// <param name="field">The field that holds the command.</param>
    public static GenerationException ToFailure(this CommandRefusedException refusal, string id, string field) => refusal.Kind switch
    {
        RefusalKind.Outdated => new GenerationException(Failure.CurriculumChanged, refusal.Message, refusal),
        RefusalKind.IdTaken => new GenerationException(Failure.CommandIdTaken, refusal.Message, refusal) { Subject = id },
        RefusalKind.NotKept => new GenerationException(Failure.CommandNotKept, refusal.Message, refusal),
        RefusalKind.Over => new GenerationException(Failure.CurriculumOver, refusal.Message, refusal),
        _ => new GenerationException(Failure.InvalidRequest, refusal.Message, refusal)
        {
            Fields = [new FieldFault(id.Length is 0 or > CommandEnvelope.MaxId ? "command_id" : field, refusal.Message)],
        },
    };

    /// <summary>As the reply on a control stream, which goes on.</summary>
    public static TuneResponse ToReply(this CommandRefusedException refusal) => Reply(refusal.Message, refusal.Kind switch
    {
        RefusalKind.Outdated => Rejected.Types.Kind.Outdated,
        RefusalKind.IdTaken => Rejected.Types.Kind.IdTaken,
        RefusalKind.NotKept => Rejected.Types.Kind.NotKept,
        RefusalKind.Over => Rejected.Types.Kind.Over,
        _ => Rejected.Types.Kind.Invalid,
    });

    /// <summary>A refusal for a reason on a control stream.</summary>
    public static TuneResponse Reply(string reason, Rejected.Types.Kind kind) =>
        new() { Rejected = new Rejected { Reason = reason, Kind = kind } };
}
