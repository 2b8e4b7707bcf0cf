using System.Text;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Orca.Protocol.Admin.V1;
using Orca.Protocol.Inference.V1;
using Orca.Protocol.Model.V1;

namespace Orca.Serving.Tests.Fuzz;

/// <summary>
/// Valid bodies for every endpoint that changes nothing for other callers: those that do are not for callers without the control scope.
/// </summary>
internal static class Bodies
{
    private const string Chat = "/v1/chat/completions";
    private const string Completions = "/v1/completions";

    /// <summary>JSON bodies by their paths.</summary>
    public static (string Path, byte[] Body)[] Json { get; } =
    [
        .. new[]
        {
            (Chat, """{"model":"student","messages":[{"role":"system","content":"s"},{"role":"user","content":"hello 🦈"}],"max_tokens":3,"temperature":0.7,"top_p":0.9,"seed":1,"stop":["x"],"user":"u"}"""),
            (Chat, """{"messages":[{"role":"user","content":[{"type":"text","text":"a"}]}],"max_completion_tokens":2,"logprobs":true,"top_logprobs":3,"logit_bias":{"5":-1.5},"n":2,"stream":true,"stream_options":{"include_usage":true}}"""),
            (Chat, """{"messages":[{"role":"user","content":"x"},{"role":"assistant","content":"y"},{"role":"user","content":"z"}],"max_tokens":4,"frequency_penalty":0.5,"presence_penalty":-0.5,"response_format":{"type":"json_object"}}"""),
            (Chat, """{"messages":[{"role":"user","content":"x"}],"max_tokens":4,"response_format":{"type":"json_schema","json_schema":{"name":"n","strict":true,"schema":{"type":"object","properties":{"k":{"const":"cat","type":"string"},"n":{"type":"integer","minimum":0,"maximum":10},"s":{"type":"string","pattern":"^[a-z]+$","maxLength":9},"u":{"anyOf":[{"$ref":"#/$defs/A"},{"type":"null"}]}},"required":["k","n","s","u"],"additionalProperties":false,"$defs":{"A":{"type":"array","items":{"enum":["x","y"]},"maxItems":2}}}}}}"""),
            (Completions, """{"prompt":"hello","max_tokens":2,"echo":true,"logprobs":2,"temperature":0}"""),
            (Completions, """{"prompt":["a",[97,98],"漢"],"max_tokens":1,"n":2,"stream":true,"min_p":0.1,"top_k":5,"repetition_penalty":1.2,"ignore_eos":true,"min_tokens":1}"""),
        }.Select(pair => (pair.Item1, Encoding.UTF8.GetBytes(pair.Item2))),
    ];

    /// <summary>Messages by their methods.</summary>
    public static (string Method, bool IsStream, byte[] Body)[] Messages { get; } =
    [
        ("orca.inference.v1.InferenceService/Generate", false, new GenerateRequest { Spec = Spec() }.ToByteArray()),
        ("orca.inference.v1.InferenceService/StreamGenerate", true, new StreamGenerateRequest { Spec = Spec() }.ToByteArray()),
        ("orca.inference.v1.InferenceService/Generate", false, new GenerateRequest { Spec = Formed() }.ToByteArray()),
        ("orca.inference.v1.InferenceService/Score", false, new ScoreRequest { Text = "abc", TargetText = "def", TopLogprobs = 2 }.ToByteArray()),
        ("orca.inference.v1.InferenceService/Tokenize", false, new TokenizeRequest { Text = "hello 🦈" }.ToByteArray()),
        ("orca.inference.v1.InferenceService/Detokenize", false, new DetokenizeRequest { TokenIds = { 97, 98, 99 } }.ToByteArray()),
        ("orca.model.v1.ModelService/GetModel", false, new GetModelRequest().ToByteArray()),
        ("orca.model.v1.ModelService/ListModelVersions", false, new ListModelVersionsRequest { PageSize = 3 }.ToByteArray()),
        ("orca.model.v1.ModelService/GetModelVersion", false, new GetModelVersionRequest { Name = "models/student/versions/1" }.ToByteArray()),
        ("orca.admin.v1.ServerService/GetServerInfo", false, new GetServerInfoRequest().ToByteArray()),
        ("orca.admin.v1.ServerService/GetLoad", false, new GetLoadRequest().ToByteArray()),
        ("orca.admin.v1.ServerService/ListRequests", false, new ListRequestsRequest { PageSize = 5 }.ToByteArray()),
    ];

    private static GenerationSpec Spec() => new()
    {
        Text = "hello 🦈",
        Sampling = new SamplingParams { Temperature = 0.5f, TopP = 0.9f, TopK = 3, Seed = 7, SampleCount = 2, LogitBias = { [5] = -1 } },
        Stopping = new StoppingParams { MaxTokens = 3, StopStrings = { "x" }, StopTokenIds = { 9 } },
        Output = new OutputOptions { Logprobs = true, TopLogprobs = 2, PromptLogprobs = true, Timings = true, TokenIds = true },
        Scheduling = new SchedulingOptions { Tenant = "t", MaxQueueTime = new Duration { Seconds = 60 } },
        WeightPolicy = new WeightPolicy { MinVersion = 1 },
        CacheSalt = "s",
    };

    private static GenerationSpec Formed() => new()
    {
        Chat = new ChatPrompt { SystemMessage = "s", UserMessage = "u" },
        Stopping = new StoppingParams { MaxTokens = 3 },
        JsonSchema = """{"type":"object","properties":{"a":{"type":["integer","null"]}},"required":["a"]}""",
    };
}
