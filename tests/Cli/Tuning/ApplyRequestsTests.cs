using Google.Protobuf;
using Orca.Cli.Tuning;
using Orca.Streams.Curricula.Control;

namespace Orca.Cli.Tests.Tuning;

public sealed class ApplyRequestsTests
{
    [Theory]
    [InlineData("""{"command":"pause","what":"training"}""", """{ "pause": { "what": "PAUSED_WORK_TRAINING" } }""")]
    [InlineData("""{"command":"resume"}""", """{ "resume": { "what": "PAUSED_WORK_ALL" } }""")]
    [InlineData("""{"command":"stage","stage":"expert"}""", """{ "setStage": { "stage": "expert" } }""")]
    [InlineData("""{"command":"mixture","weights":{"cot":2}}""", """{ "setMixture": { "weights": { "cot": 2 } } }""")]
    [InlineData(
        """{"command":"policy","policy":{"kind":"adaptive","randomShare":0.5}}""",
        """{ "setPolicy": { "policy": { "kind": "KIND_ADAPTIVE", "temperature": 2, "randomShare": 0.5 } } }""")]
    [InlineData("""{"command":"pacing","pacing":{"maxTokens":9}}""", """{ "setPacing": { "pacing": { "maxTokens": 9 } } }""")]
    [InlineData("""{"command":"replay","replay":{"maxReuses":0}}""", """{ "setReplay": { "maxReuses": 0 } }""")]
    [InlineData("""{"command":"messages","weights":{"7":2}}""", """{ "setMessages": { "weights": { "7": 2 } } }""")]
    [InlineData("""{"command":"screens","limits":{"length":"Infinity"}}""", """{ "setScreens": { "limits": { "length": "Infinity" } } }""")]
    [InlineData(
        """{"command":"teachers","teachers":{"budget":2.5,"endpoints":{"a":{"enabled":false}}}}""",
        """{ "setTeachers": { "budget": 2.5, "endpoints": { "a": { "enabled": false } } } }""")]
    [InlineData("""{"command":"gate","gate":{"questions":0}}""", """{ "setGate": { "questions": 0 } }""")]
    [InlineData("""{"command":"rate","rate":{"scale":0.5}}""", """{ "setRate": { "scale": 0.5 } }""")]
    [InlineData("""{"command":"publish"}""", """{ "publishNow": { } }""")]
    [InlineData("""{"command":"rollback","checkpoint":"step-1"}""", """{ "rollBack": { "checkpoint": "step-1" } }""")]
    public void A_command_is_sent_as_it_is(string command, string request) => Assert.Equal(
        $"{{ \"commandId\": \"x\", {request[2..]}",
        JsonFormatter.Default.Format(ApplyRequests.Of(new CommandEnvelope("x", CommandJson.Read(command)))));

    [Fact]
    public void A_revision_that_is_expected_is_sent_and_a_count_below_zero_is_not()
    {
        Assert.Equal(7UL, ApplyRequests.Of(new CommandEnvelope("x", new PublishCommand(), 7)).ExpectedRevision);
        Assert.False(ApplyRequests.Of(new CommandEnvelope("x", new PublishCommand())).HasExpectedRevision);
        Assert.Throws<CommandRefusedException>(() =>
            ApplyRequests.Of(new CommandEnvelope("x", CommandJson.Read("""{"command":"gate","gate":{"questions":-1}}"""))));
    }
}
