using System.CommandLine;
using Orca.Cli.Clients;
using Orca.Protocol.Inference.V1;

namespace Orca.Cli.Commands;

/// <summary><c>orca chat</c>: puts questions to a server and streams its answers.</summary>
internal static class ChatCommand
{
    private static readonly Argument<string?> Address = Arguments.Address();

    private static readonly Option<string> System = new("--system")
    {
        Description = "System message that says how to answer.",
        HelpName = CommandLine.Text,
        DefaultValueFactory = _ => "",
    };

    private static readonly Option<float> Temperature = Arguments.Temperature(0);

    private static readonly Option<int?> MaxTokens = Arguments.MaxTokens();

    private static readonly Option<string?> ApiKey = Arguments.ApiKey();

    public static Command Create()
    {
        var command = new Command(
            "chat", "Asks the student of a running server; its answers stream in. Every question stands alone: the student keeps no "
                + "history. "
            + "One line is one question; a line with three quotation marks (\"\"\") begins and ends a question of several lines. /system "
                + "TEXT changes the system message, /quit ends; a question that begins with a slash is written with two.")
        {
            Address, System, Temperature, MaxTokens, ApiKey,
        };
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var address = Arguments.ReadAddress(parsed, Address);
        return await ServerCalls.AtAsync(address, () => TalkAsync(parsed, address, cancellationToken));
    }

    private static async Task<int> TalkAsync(ParseResult parsed, Uri address, CancellationToken cancellationToken)
    {
        using var channel = ServerAddress.Open(address, parsed.GetValue(ApiKey));
        var client = new InferenceService.InferenceServiceClient(channel);
        var spec = new ChatPrompt { SystemMessage = parsed.GetValue(System) };
        var questions = new QuestionReader(Console.In, Console.IsInputRedirected ? TextWriter.Null : Console.Out);
        while (await questions.ReadAsync(cancellationToken) is { } question)
        {
            switch (ChatInput.Of(question))
            {
                case ChatInput.Quit:
                    return ExitCodes.Done;
                case ChatInput.System(var message):
                    spec.SystemMessage = message;
                    break;
                case ChatInput.Unknown(var word):
                    Refuse(word);
                    break;
                case ChatInput.Ask(var text):
                    spec.UserMessage = text;
                    await AnswerAsync(client, Request(parsed, spec), cancellationToken);
                    break;
            }
        }

        return ExitCodes.Done;
    }

    // In a pipe nobody would see it in time, and what follows may depend on it.
    private static void Refuse(string word)
    {
        var sentence = $"'{word}' is no command; /system TEXT and /quit are, and a question that begins with a slash is written with "
            + $"two: /{word}.";
        if (Console.IsInputRedirected)
        {
            throw new CommandException(sentence);
        }

        Console.Error.WriteLine(sentence);
    }

    private static StreamGenerateRequest Request(ParseResult parsed, ChatPrompt prompt)
    {
        var spec = new GenerationSpec
        {
            Chat = prompt,
            Sampling = new SamplingParams { Temperature = parsed.GetValue(Temperature) },
            Stopping = new StoppingParams(),
        };
        if (parsed.GetValue(MaxTokens) is { } limit)
        {
            spec.Stopping.MaxTokens = (uint)limit;
        }

        return new StreamGenerateRequest { Spec = spec };
    }

    private static async Task AnswerAsync(
        InferenceService.InferenceServiceClient client, StreamGenerateRequest request, CancellationToken cancellationToken)
    {
        using var call = client.StreamGenerate(request, cancellationToken: cancellationToken);
        while (await call.ResponseStream.MoveNext(cancellationToken))
        {
            Show(call.ResponseStream.Current);
        }
    }

    private static void Show(StreamGenerateResponse response)
    {
        switch (response.EventCase)
        {
            case StreamGenerateResponse.EventOneofCase.Accepted:
                Console.Out.Write($"[version {response.Accepted.WeightVersion}] ");
                break;
            case StreamGenerateResponse.EventOneofCase.Delta:
                Console.Out.Write(response.Delta.Text);
                break;
            case StreamGenerateResponse.EventOneofCase.Finished:
                Console.Out.WriteLine(response.Finished.Reason == FinishReason.Length ? " […]" : "");
                break;
        }

        Console.Out.Flush();
    }
}
