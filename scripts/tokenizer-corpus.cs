#!/usr/bin/env dotnet
#:project ../src/Streams/Orca.Streams.csproj

// Prints the texts that the embedded student's tokenizer is trained on, one a line: questions and explanations of the
// built-in reasoning tasks and all built-in system messages, then general text: BYTES_PER_FOLDER bytes of every folder
// with FILEs, in equal parts, from the beginning of each. Of a Natural Instructions file the definition comes with every
// instance, as a student sees it; of other JSON each text of four words and more counts, of other files each line.
// Usage: dotnet run scripts/tokenizer-corpus.cs -- QUESTIONS_PER_FAMILY SEED BYTES_PER_FOLDER [FILE...]

using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Orca.Streams.Tasks;

if (args.Length < 3)
{
    Console.Error.WriteLine("usage: tokenizer-corpus QUESTIONS_PER_FAMILY SEED BYTES_PER_FOLDER [FILE...]");
    return 2;
}

var perFamily = int.Parse(args[0], CultureInfo.InvariantCulture);
var seed = long.Parse(args[1], CultureInfo.InvariantCulture);
var bytesPerFolder = int.Parse(args[2], CultureInfo.InvariantCulture);
using var output = new StreamWriter(Console.OpenStandardOutput(), new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));

// A system message stands before every question: of the built-in tasks few, of other collections many.
var messages = SystemMessages.BuiltIn.Where(message => message.Text.Length > 0)
    .SelectMany(message => Enumerable.Repeat(message.Text, message.UsedFor.Contains(ReasoningTasks.Collection) ? perFamily : perFamily / 8));
foreach (var text in ReasoningTasks.Corpus(perFamily, seed).Concat(messages).SelectMany(Lines))
{
    output.WriteLine(text);
}

foreach (var (file, files) in args[3..].GroupBy(Path.GetDirectoryName).SelectMany(folder => folder.Select(file => (file, folder.Count()))))
{
    var left = bytesPerFolder / files;
    foreach (var line in TextsOf(file).SelectMany(Lines).TakeWhile(line => (left -= Encoding.UTF8.GetByteCount(line)) >= 0))
    {
        output.WriteLine(line);
    }
}

return 0;

static IEnumerable<string> Lines(string text) => text.Split('\n').Select(line => line.TrimEnd('\r')).Where(line => line.Length > 0);

static IEnumerable<string> TextsOf(string file)
{
    if (Path.GetExtension(file) != ".json")
    {
        return File.ReadLines(file);
    }

    // Python writes NaN where JSON has null.
    using var json = JsonDocument.Parse(Regex.Replace(File.ReadAllText(file), @"(?<=[:\[,]\s*)NaN", "null"));
    var root = json.RootElement.Clone();
    return root.ValueKind == JsonValueKind.Object && root.TryGetProperty("Instances", out var instances)
        ? instances.EnumerateArray().SelectMany(instance => Strings(root.GetProperty("Definition")).Concat(Strings(instance)))
        : Strings(root);
}

static IEnumerable<string> Strings(JsonElement element) => element.ValueKind switch
{
    JsonValueKind.String => element.GetString()!.Split(' ').Length >= 4 ? [element.GetString()!] : [],
    JsonValueKind.Array => element.EnumerateArray().SelectMany(Strings),
    JsonValueKind.Object => element.EnumerateObject().SelectMany(member => Strings(member.Value)),
    _ => [],
};
