using System.Collections;
using System.Collections.Concurrent;
using System.Collections.Immutable;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Orca.Serving.Requests;

namespace Orca.Serving.Grpc;

/// <summary>
/// What holds for every message of the wire contract: it is protobuf, its texts are UTF-8, its enums have values that there are, and its
/// durations are normalised. Whoever sends another is told which field it is.
/// </summary>
internal static class MessageRules
{
    private const long MostSeconds = 315_576_000_000;
    private const int MostNanos = 999_999_999;

    // The fields of each kind of message that can break a rule, or hold messages that can.
    private static readonly ConcurrentDictionary<MessageDescriptor, ImmutableArray<FieldDescriptor>> Fields = new();

    /// <summary>Reads a message.</summary>
    /// <exception cref="RpcException">It breaks a rule: INVALID_ARGUMENT.</exception>
    public static T Read<T>(Func<DeserializationContext, T> read, DeserializationContext context)
    {
        try
        {
            var message = read(context);
            Check((IMessage)message!, "");
            return message;
        }
        catch (InvalidProtocolBufferException fault)
        {
            throw FailureStatus.Of(new GenerationException(Failure.InvalidRequest, $"The message cannot be read: {fault.Message}", fault));
        }
        catch (GenerationException fault)
        {
            throw FailureStatus.Of(fault);
        }
    }

    private static void Check(IMessage message, string path)
    {
        if (message is Duration duration && !IsNormal(duration))
        {
            throw GenerationException.Invalid(
                path,
                $"is {duration.Seconds} s and {duration.Nanos} ns, which is no duration; give both of one sign, and nanoseconds below a "
                    + "second");
        }

        foreach (var field in Fields.GetOrAdd(message.Descriptor, FieldsOf))
        {
            var at = path.Length > 0 ? $"{path}.{field.Name}" : field.Name;
            switch (field.Accessor.GetValue(message))
            {
                case IDictionary map:
                    Each(map.Values, field, at);
                    break;
                case IList list:
                    Each(list, field, at);
                    break;
                case { } value:
                    Check(value, field, at);
                    break;
            }
        }
    }

    private static void Each(ICollection values, FieldDescriptor field, string at)
    {
        foreach (var value in values)
        {
            Check(value!, field, at);
        }
    }

    private static void Check(object value, FieldDescriptor field, string at)
    {
        if (value is IMessage message)
        {
            Check(message, at);
        }
        else if (field.FieldType == FieldType.Enum && field.EnumType.FindValueByNumber((int)value) is null)
        {
            throw GenerationException.Invalid(at, $"is {(int)value}, which has no meaning");
        }
    }

    private static ImmutableArray<FieldDescriptor> FieldsOf(MessageDescriptor message) =>
        [.. message.Fields.InDeclarationOrder().Where(field => field.FieldType is FieldType.Enum or FieldType.Message)];

    private static bool IsNormal(Duration duration) =>
        Math.Abs((decimal)duration.Seconds) <= MostSeconds && Math.Abs((long)duration.Nanos) <= MostNanos
        && (duration.Seconds == 0 || duration.Nanos == 0 || duration.Seconds > 0 == duration.Nanos > 0);
}
