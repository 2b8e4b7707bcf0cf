using MessagePack;
using MessagePack.Resolvers;

namespace Orca.Streams.Storage;

/// <summary>Packs what no query asks for into one column: MessagePack, compressed by LZ4.</summary>
/// <remarks>
/// The forms are written out (<see cref="BodyForms"/>), so nothing is looked up or compiled at run time. A field that comes later goes to
/// the end of its form, and is read as absent where it is not there.
/// </remarks>
internal static class Packing
{
    private static readonly MessagePackSerializerOptions Options = MessagePackSerializerOptions.Standard
        .WithResolver(CompositeResolver.Create(new RequestBodyForm(), new AnswerBodyForm(), new ScreenVerdictsForm()))
        .WithCompression(MessagePackCompression.Lz4BlockArray)
        .WithSecurity(MessagePackSecurity.UntrustedData);

    /// <summary>What goes into the column.</summary>
    public static byte[] Pack<T>(T body) => MessagePackSerializer.Serialize(body, Options);

    /// <summary>What went into it.</summary>
    /// <exception cref="TraceStoreException">The bytes are not what was packed.</exception>
    public static T Unpack<T>(byte[] packed)
    {
        try
        {
            return MessagePackSerializer.Deserialize<T>(packed, Options);
        }
        catch (MessagePackSerializationException failure)
        {
            throw new TraceStoreException(
                $"A text of the trace store is damaged ({failure.GetBaseException().Message.TrimEnd('.')}); restore the file from a copy, "
                    + "or give another folder.",
                failure);
        }
    }
}
