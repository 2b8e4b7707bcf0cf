using System.Text.Json.Nodes;
using Orca.Model.Checkpoints;
using Orca.Model.Embedded;
using Orca.Model.Network;
using Orca.Tests.Shared;
using static TorchSharp.torch;

namespace Orca.EndToEnd.Tests;

/// <summary>
/// Students of other families, from their folder through training to an answer; every family is trained, exported and served in the
/// rooms' own tests.
/// </summary>
public sealed class FamilyTests : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("Qwen2 with a window in its second layer")]
    [InlineData("Qwen3")]
    public async Task The_daemon_trains_publishes_and_serves_it_and_its_checkpoint_answers(string family)
    {
        var small = EmbeddedStudent.Config with { HiddenSize = 32, IntermediateSize = 64, Layers = 2, KvHeads = 2 };
        var student = Publish(FamilyShapes.Of(small)[family] with { MaxPositions = 512 });
        var trained = await OrcaProcess.RunAsync(
            _folder.Path, "daemon", "--student", student, "--max-steps", "20", "--port", "0",
            "--set", "training.batchRows=2", "--set", "training.publishEverySteps=20", "--set", "training.warmUpSteps=2",
            "--set", "curriculum.assistantLessons=40", "--set", "evaluation.questionsPerTask=1", "--set", "evaluation.maxTokens=12",
            "--set", "evaluation.sampleEverySeconds=1000", "--set", "evaluation.sampleQuestions=1", "--set", "display.everySeconds=5");
        Assert.True(trained.Code == 0, trained.Output + trained.Errors);
        Assert.Contains("20 steps made", trained.Output);
        Assert.Matches(@"served \d+ \(step-00000020\)", trained.Output);

        var run = Path.Combine(_folder.Path, "runs", "default");
        var published = Path.Combine(run, "checkpoints", "step-00000020");
        Assert.Equal(ModelTypeOf(student), ModelTypeOf(published));
        using (var before = Checkpoint.Open(student))
        using (var after = Checkpoint.Open(published))
        {
            Assert.Equal(before.Config with { WeightType = null }, after.Config with { WeightType = null });
            foreach (var shape in LlamaParameters.ShapesOf(after.Config))
            {
                using var scope = NewDisposeScope();
                Assert.True(
                    (before.Weight(shape.Name).to_type(ScalarType.Float32) - after.Weight(shape.Name).to_type(ScalarType.Float32))
                        .abs().max().item<float>() > 0,
                    $"{shape.Name} was not trained");
            }
        }

        var answer = await OrcaProcess.RunAsync(
            _folder.Path, "generate", run, "--prompt", "What is 2 + 3?", "--max-tokens", "8", "--temperature", "0");
        Assert.True(answer.Code == 0, answer.Errors);
    }

    [Fact]
    public async Task A_run_does_not_go_on_with_another_student_in_silence()
    {
        string[] small = ["--port", "0", "--set", "training.batchRows=2", "--set", "evaluation.questionsPerTask=1", "--set",
            "evaluation.maxTokens=4"];
        var begun = await OrcaProcess.RunAsync(_folder.Path, ["daemon", "--max-steps", "2", .. small]);
        Assert.True(begun.Code == 0, begun.Output + begun.Errors);

        var another = Publish(EmbeddedStudent.Config with { HiddenSize = 32, IntermediateSize = 64, Layers = 2, KvHeads = 2 });
        var refused = await OrcaProcess.RunAsync(_folder.Path, ["daemon", "--max-steps", "3", "--student", another, .. small]);

        Assert.Equal(2, refused.Code);
        Assert.Contains("trains another student (1.4 M parameters) than", refused.Errors);
        Assert.Contains("with --run", refused.Errors);
    }

    private static string? ModelTypeOf(string folder) =>
        (string?)JsonNode.Parse(File.ReadAllText(Path.Combine(folder, "config.json")))!["model_type"];

    private string Publish(LlamaConfig config) => PublishedStudent.In(Path.Combine(_folder.Path, "student"), config);
}
