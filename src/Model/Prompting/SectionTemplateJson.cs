using System.Collections.Immutable;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Orca.Model.Prompting;

/// <summary>The JSON form of a built-in template.</summary>
internal static class SectionTemplateJson
{
    private const int Version = 1;

    public static string Write(SectionTemplate template, bool indented)
    {
        using var stream = new MemoryStream();
        var options = new JsonWriterOptions { Indented = indented, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
        using (var json = new Utf8JsonWriter(stream, options))
        {
            json.WriteStartObject();
            json.WriteNumber("version", Version);
            json.WriteBoolean("begins_with_start_token", template.BeginsWithStartToken);
            WriteSection(json, "system", template.System);
            WriteSection(json, "user", template.User);
            WriteSection(json, "opening", template.Opening);
            json.WriteString("end", template.End);
            json.WriteBoolean("continues", template.Continues);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(stream.ToArray());
    }

    public static SectionTemplate Read(string path)
    {
        try
        {
            using var json = JsonDocument.Parse(ByteOrderMark.Skip(File.ReadAllBytes(path)));
            var root = json.RootElement;
            return root.GetProperty("version").GetInt32() == Version
                ? new SectionTemplate
                {
                    BeginsWithStartToken = root.GetProperty("begins_with_start_token").GetBoolean(),
                    System = ReadSection(root, "system"),
                    User = ReadSection(root, "user"),
                    Opening = ReadSection(root, "opening"),
                    End = root.GetProperty("end").GetString(),
                    Continues = root.GetProperty("continues").GetBoolean(),
                }
                : throw new ModelFormatException($"'{path}' has version {root.GetProperty("version").GetInt32()} of the prompt "
                    + $"template's form, but this Orca reads version {Version}; use a newer Orca.");
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException or FileNotFoundException or DirectoryNotFoundException)
        {
            throw new ModelFormatException(
                $"'{path}' is not a prompt template ({Reason(e)}); copy it from the checkpoint it belongs to, or remove it to use the "
                    + "vocabulary's own.",
                e);
        }
    }

    private static string Reason(Exception e) => e switch
    {
        JsonException => "it is not JSON",
        KeyNotFoundException => "a member is missing",
        FileNotFoundException or DirectoryNotFoundException => "there is no such file",
        _ => "a member has the wrong type",
    };

    private static void WriteSection(Utf8JsonWriter json, string name, ImmutableArray<TemplatePart> parts)
    {
        json.WriteStartArray(name);
        foreach (var part in parts)
        {
            json.WriteStartObject();
            json.WriteString(NameOf(part.Kind), part.Value);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static ImmutableArray<TemplatePart> ReadSection(JsonElement root, string name) =>
        [.. root.GetProperty(name).EnumerateArray().Select(ReadPart)];

    private static TemplatePart ReadPart(JsonElement part)
    {
        var member = part.EnumerateObject().Single();
        var kind = Enum.GetValues<TemplatePartKind>().Single(kind => NameOf(kind) == member.Name);
        return new TemplatePart(kind, member.Value.GetString() ?? "");
    }

    private static string NameOf(TemplatePartKind kind) => kind switch
    {
        TemplatePartKind.Special => "special",
        TemplatePartKind.Text => "text",
        _ => "message",
    };
}
