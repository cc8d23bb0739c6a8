using System.Net.Http.Json;
using System.Text.Json.Nodes;
using PluginHost.ModelServer;

namespace PluginHost.EndToEnd;

[Trait("Form", "Long")]
public sealed class RealModelTests
{
    [Fact]
    public async Task Two_variables_select_a_model_that_can_call_the_tools_of_memory()
    {
        await using var model = await FakeModel.StartAsync(
            new ModelReply { ToolCalls = [new("call-1", "remember", """{"fact":"She likes tea."}""")] },
            new ModelReply { Text = ["Noted", "."] });
        using var folder = WorkFolder.CreateShipped();
        await using var host = await RunningHost.StartAsync(folder, ModelVariables.Create(model));

        Assert.Equal("Noted.", await host.Api.AskAsync("ada", "I like tea."));
        Assert.Equal("Hello there", await host.Api.AskAsync("ada", "What do I like?"));

        Assert.Equal(["system", "user", "assistant", "tool"], Roles(model.Requests[1]));
        Assert.Equal("Remembered as fact 1.", (string?)model.Requests[1].Body["messages"]![3]!["content"]);
        Assert.Equal(["system", "user", "assistant", "tool", "assistant", "user"], Roles(model.Requests[2]));
        Assert.Contains("She likes tea.", model.Requests[2].Body["messages"]![0]!.ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Updates_are_streamed_while_the_model_still_answers()
    {
        var pause = new Hold();
        await using var model = await FakeModel.StartAsync(new ModelReply { AfterFirstPiece = pause });
        using var folder = WorkFolder.CreateShipped();
        await using var host = await RunningHost.StartAsync(folder, ModelVariables.Create(model));
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/sessions/ada/runs") { Content = JsonContent.Create(new { input = "hi" }) };
        request.Headers.Add("Accept", "text/event-stream");
        using var response = await host.Api.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());

        Assert.Equal("run.started", (await NextAsync(reader)).Name);
        Assert.Equal("Hello", (string?)(await NextAsync(reader)).Data["text"]);
        pause.Release();
        Assert.Equal(" there", (string?)(await NextAsync(reader)).Data["text"]);
        var (name, data) = await NextAsync(reader);
        Assert.Equal(("run.completed", "Hello there"), (name, (string?)data["text"]));
        Assert.Equal(["hi", "Hello there"], (await host.Api.ListMessagesAsync("ada")).Select(m => m.Text));
    }

    [Fact]
    public async Task A_model_error_is_returned_with_the_run_id_and_the_run_is_stored_as_failed()
    {
        await using var model = await FakeModel.StartAsync(new ModelReply { Status = 400, Error = "no such model" });
        using var folder = WorkFolder.CreateShipped();
        await using var host = await RunningHost.StartAsync(folder, ModelVariables.Create(model));

        var problem = await host.Api.PostAsync("/v1/sessions/ada/runs", new JsonObject { ["input"] = "hi" }, System.Net.HttpStatusCode.BadGateway);

        Assert.Equal("/problems/run-failed", (string?)problem["type"]);
        var run = await host.Api.GetAsync($"/v1/sessions/ada/runs/{problem["run_id"]}");
        Assert.Equal(("failed", "model_request_rejected"), ((string?)run["status"], (string?)run["error"]!["type"]));
        Assert.Empty(await host.Api.ListMessagesAsync("ada"));
        Assert.DoesNotContain("   at ", host.Output, StringComparison.Ordinal);
    }

    private static IEnumerable<string?> Roles(ModelRequest request) => request.Body["messages"]!.AsArray().Select(m => (string?)m!["role"]);

    private static async Task<(string Name, JsonNode Data)> NextAsync(StreamReader reader)
    {
        var name = "";
        while (await reader.ReadLineAsync() is { } line)
        {
            if (line.StartsWith("event: ", StringComparison.Ordinal)) name = line["event: ".Length..];
            if (line.StartsWith("data: ", StringComparison.Ordinal)) return (name, JsonNode.Parse(line["data: ".Length..])!);
        }

        throw new EndOfStreamException("The stream ended.");
    }
}
