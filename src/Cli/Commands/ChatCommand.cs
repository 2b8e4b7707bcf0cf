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
        HelpName = "TEXT",
        DefaultValueFactory = _ => "",
    };

    private static readonly Option<float> Temperature = Arguments.Temperature(0);

    private static readonly Option<int?> MaxTokens = Arguments.MaxTokens();

    private static readonly Option<string?> ApiKey = Arguments.ApiKey();

    public static Command Create()
    {
        var command = new Command("chat", "Asks the student of a running server; its answers stream in. Every question stands alone: the student keeps no history. "
            + "One line is one question; a line with three quotation marks (\"\"\") begins and ends a question of several lines. /system TEXT changes the system message, /quit ends.")
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
        try
        {
            while (await questions.ReadAsync(cancellationToken) is { } line && line != "/quit")
            {
                if (line.StartsWith("/system", StringComparison.Ordinal))
                {
                    spec.SystemMessage = line["/system".Length..].Trim();
                    continue;
                }

                spec.UserMessage = line;
                await AnswerAsync(client, Request(parsed, spec), cancellationToken);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            Console.Out.WriteLine();
        }

        return ExitCodes.Done;
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
        try
        {
            while (await call.ResponseStream.MoveNext(cancellationToken))
            {
                Show(call.ResponseStream.Current);
            }
        }
        catch (Grpc.Core.RpcException e) when (e.StatusCode == Grpc.Core.StatusCode.Cancelled && cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException(cancellationToken);
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
