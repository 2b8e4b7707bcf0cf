using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Orca.Model.Checkpoints;
using Orca.Model.Embedded;
using Orca.Model.Network;
using Orca.Model.Prompting;
using Orca.Serving.Engine;
using Orca.Serving.Hosting;
using Orca.Serving.Requests;
using Orca.Tests.Shared;
using static TorchSharp.torch;

namespace Orca.EndToEnd.Tests;

/// <summary>A client in another language that knows nothing but the server's address.</summary>
public class ForeignClientTests
{
    private const string Question = "What is 2 + 3? 🦈";

    [Fact]
    public async Task A_node_client_lists_the_services_by_reflection_and_streams_an_answer()
    {
        var folder = Directory.CreateTempSubdirectory("orca-").FullName;
        try
        {
            await using var student = await StudentServer.StartAsync(Publish(folder), new EngineOptions(), NullLoggerFactory.Instance);
            await using var host = await ServingHost.StartAsync(student, new ServingOptions { Port = 0 }, NullLoggerFactory.Instance);

            using var told = JsonDocument.Parse(await NodeScript.RunAsync("client.mjs", [host.Endpoint.Authority, Question]));
            var expected = await student.Engine.GenerateAsync(new GenerationRequest
            {
                Prompt = new PromptInput.Chat("", Question),
                Sampling = SamplingOptions.Greedy,
                Stopping = new StoppingOptions { MaxTokens = 40 },
            });

            var services = told.RootElement.GetProperty("services").EnumerateArray().Select(name => name.GetString());
            Assert.Superset(
                new HashSet<string?> { "orca.inference.v1.InferenceService", "orca.model.v1.ModelService", "orca.curriculum.v1.CurriculumService" },
                services.ToHashSet());
            Assert.Equal("1", told.RootElement.GetProperty("accepted").GetProperty("weight_version").GetString());
            Assert.Equal("MODEL_VERSION_STATE_ACTIVE", told.RootElement.GetProperty("versions")[0].GetProperty("state").GetString());
            Assert.Equal(
                expected.Text, string.Concat(told.RootElement.GetProperty("deltas").EnumerateArray().Select(delta => delta.GetString())));
            Assert.Equal(
                expected.End.CompletionTokens,
                told.RootElement.GetProperty("finished").GetProperty("usage").GetProperty("completion_tokens").GetInt32());
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>A small student that has learnt nothing.</summary>
    private static string Publish(string root)
    {
        var config = EmbeddedStudent.Config with
        {
            Layers = 2,
            HiddenSize = 64,
            IntermediateSize = 96,
            Heads = 4,
            KvHeads = 2,
            HeadDim = 16,
        };
        var weights = LlamaParameters.Initialize(config, seed: 11, ScalarType.Float32, CPU);
        try
        {
            return CheckpointPublisher.Publish(root, new CheckpointDraft
            {
                Step = 1,
                Config = config,
                Tokenizer = EmbeddedStudent.Tokenizer,
                Template = PromptTemplate.For(EmbeddedStudent.Tokenizer),
                Weights = weights,
                WeightType = ScalarType.Float32,
                Created = DateTimeOffset.UnixEpoch,
            });
        }
        finally
        {
            foreach (var weight in weights.Values)
            {
                weight.Dispose();
            }
        }
    }
}
