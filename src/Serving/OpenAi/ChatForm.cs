using System.Collections.Immutable;
using System.Text.Json.Serialization.Metadata;
using Orca.Model.Tokenization;
using Orca.Serving.Requests;

namespace Orca.Serving.OpenAi;

/// <summary>What the answer to a conversation looks like.</summary>
/// <param name="withLogprobs">Whether the likelihood of every token is told.</param>
internal sealed class ChatForm(bool withLogprobs) : AnswerForm<ChatChoice, ChatChunkChoice>
{
    private const string Assistant = "assistant";

    public override string IdPrefix => "chatcmpl-";

    public override string Kind => "chat.completion";

    public override string ChunkKind => "chat.completion.chunk";

    public override JsonTypeInfo<OpenAiResponse<ChatChoice>> WholeType => OpenAiJson.Wire.OpenAiResponseChatChoice;

    public override JsonTypeInfo<OpenAiResponse<ChatChunkChoice>> ChunkType => OpenAiJson.Wire.OpenAiResponseChatChunkChoice;

    public override ChatChoice Whole(int index, AnswerSample sample, ITokenizer tokenizer) =>
        new(index, new AssistantMessage(Assistant, sample.Text, null), Logprobs(sample.Logprobs, tokenizer), ReasonOf(sample.End.Reason));

    public override ChatChunkChoice Opening(int index) => new(index, new AssistantDelta(Assistant, ""), null, null);

    public override ChatChunkChoice More(GenerationEvent.Delta delta, ITokenizer tokenizer) =>
        new(delta.Sample, new AssistantDelta(null, delta.Text), Logprobs(delta.Logprobs, tokenizer), null);

    public override ChatChunkChoice End(GenerationEvent.Finished finished) =>
        new(finished.Sample, new AssistantDelta(null, null), null, ReasonOf(finished.Reason));

    // Tokens without bytes, such as the one that ends an answer, are no part of its text.
    private ChatLogprobs? Logprobs(ImmutableArray<TokenLogprob> logprobs, ITokenizer tokenizer) => withLogprobs
        ? new ChatLogprobs([.. logprobs.Where(token => !tokenizer.BytesOf(token.Token).IsEmpty).Select(token => Logprob(token, tokenizer))])
        : null;

    private static ChatTokenLogprob Logprob(TokenLogprob token, ITokenizer tokenizer)
    {
        var bytes = TokenText.BytesOf(tokenizer, token.Token);
        var top = token.Top.IsDefault ? [] : token.Top;
        return new ChatTokenLogprob(TokenText.Of(tokenizer, token.Token), Logprob(token.Logprob), bytes, [.. top.Select(
            one => new ChatTopLogprob(TokenText.Of(tokenizer, one.Token), Logprob(one.Logprob), TokenText.BytesOf(tokenizer, one.Token)))]);
    }
}
