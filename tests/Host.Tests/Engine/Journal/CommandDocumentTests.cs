using System.Text;
using System.Text.Json;
using Microsoft.Extensions.AI;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Engine.Messages;
using PluginHost.Engine.Runs.Journal;
using PluginHost.Engine.Runs.Live;
using PluginHost.Sdk;

namespace PluginHost.Tests.Engine.Journal;

public sealed class CommandDocumentTests
{
    [Fact]
    public void A_command_is_read_back_with_all_that_it_had()
    {
        var command = Command();

        var read = Assert.IsType<JournalEntry.Command>(JournalDocument.Read(new JournalStep(0, JournalDocument.Write(new JournalEntry.Command(command))))).Value;

        // Every member is in the document: writing what was read gives the same bytes.
        Assert.Equal(Text(command), Text(read));
        var set = typeof(RunCommand).GetProperties().Where(p => p.Name is not (nameof(RunCommand.Identity) or nameof(RunCommand.Earlier) or nameof(RunCommand.Stateless)));
        Assert.All(set, p => Assert.True(p.PropertyType == typeof(bool) ? p.GetValue(read)!.Equals(p.GetValue(command)) : p.GetValue(read) is not null, p.Name));
        Assert.Equal("low", SentParameters.Find(read.Options)!.Values["reasoning_effort"].GetString());
        Assert.True(SentParameters.Find(read.Options)!.IsUnchanged("temperature", read.Options!));
        var function = Assert.IsAssignableFrom<AIFunctionDeclaration>(read.CallerTools[0]);
        Assert.Equal(("look", "Looks.", """{"type":"object"}"""), (function.Name, function.Description, function.JsonSchema.GetRawText()));
        Assert.Equal(["inner"], (IReadOnlyList<string>)read.CallerTools[1].AdditionalProperties[WireTool.Functions]!);
    }

    [Theory]
    [InlineData("""{"kind":"dream"}""", "dream")]
    [InlineData("""{"kind":"command"}""", "cannot be read")]
    [InlineData("""{"kind":"command","comm""", "cannot be read")]
    [InlineData("""{"kind":"result","answer":0,"index":0,"result":{"$type":"text","text":"x"}}""", "cannot be read")]
    [InlineData("""{"kind":"input","first":0}""", "cannot be read")]
    [InlineData("[]", "cannot be read")]
    public void A_step_that_cannot_be_read_is_named(string document, string why)
    {
        var error = Assert.Throws<JournalException>(() => JournalDocument.Read(new JournalStep(3, Encoding.UTF8.GetBytes(document))));

        Assert.Contains("Step 3", error.Message, StringComparison.Ordinal);
        Assert.Contains(why, error.Message, StringComparison.Ordinal);
    }

    private static RunCommand Command()
    {
        var values = new Dictionary<string, JsonElement> { ["temperature"] = JsonElement.Parse("0.5"), ["reasoning_effort"] = JsonElement.Parse("\"low\"") };
        return new RunCommand
        {
            Tenant = "t",
            SessionId = "s",
            Agent = "a",
            Input = [new ChatMessage(ChatRole.User, [new TextContent("hello\nyou"), new DataContent(new byte[] { 1, 2 }, "image/png")])],
            Options = SentParameters.Add(
                new ChatOptions { Temperature = 0.5f, StopSequences = ["x"], ResponseFormat = ChatResponseFormat.Json, ToolMode = ChatToolMode.RequireSpecific("look") }, values),
            CallerTools = [AIFunctionFactory.CreateDeclaration("look", "Looks.", JsonElement.Parse("""{"type":"object"}""")), new Hosted()],
            Metadata = new Dictionary<string, string> { ["k"] = "v" },
            User = "u",
            CreateSession = true,
            Background = true,
            Streamed = true,
            IsTranscript = true,
            Busy = BusyPolicy.Interrupt,
            Instructions = "Be brief.",
            SentInstructions = new SentInstructions([new ChatMessage(ChatRole.System, "Be brief.")]),
            AfterRun = "run_1",
            RequireToolResults = true,
            AcceptDiverged = true,
            RunIdPrefix = "resp_",
            SessionIdPrefix = "conv_",
            Details = JsonElement.Parse("""{"x":[1]}"""),
            IdempotencyKey = "key",
            RequestHash = "hash",
        };
    }

    private static string Text(RunCommand command) => Encoding.UTF8.GetString(JournalDocument.Write(new JournalEntry.Command(command)).Span);

    private sealed class Hosted : AITool
    {
        public override string Name => "web:0";

        public override IReadOnlyDictionary<string, object?> AdditionalProperties { get; } = new Dictionary<string, object?>
        {
            [WireTool.Hosted] = JsonElement.Parse("""{"type":"web"}"""),
            [WireTool.Functions] = (IReadOnlyList<string>)["inner"],
        };
    }
}
