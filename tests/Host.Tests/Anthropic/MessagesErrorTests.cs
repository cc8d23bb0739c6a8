using PluginHost.Engine.Configuration.Model;
using PluginHost.Tests.Api;
using PluginHost.Tests.Engine;

namespace PluginHost.Tests.Anthropic;

public sealed class MessagesErrorTests
{
    [Theory]
    [InlineData("""{"model":"assistant","messages":[{"role":"user","content":"hi"}]}""", "max_tokens")]
    [InlineData("""{"model":"assistant","max_tokens":1,"messages":[]}""", "messages")]
    [InlineData("""{"model":"assistant","max_tokens":1,"messages":[{"role":"tool","content":"hi"}]}""", "messages[0].role")]
    [InlineData("""{"model":"assistant","max_tokens":1,"messages":[{"role":"user","content":[{"type":"text"}]}]}""", "messages[0].content[0].text")]
    [InlineData("""{"model":"assistant","max_tokens":1,"messages":[{"role":"user","content":[{"type":"image","source":{"type":"url","url":"nowhere"}}]}]}""", "messages[0].content[0].source.url")]
    [InlineData("""{"model":"assistant","max_tokens":1,"messages":[{"role":"assistant","content":[{"type":"tool_use","id":"a","name":"b","input":[]}]}]}""", "messages[0].content[0].input")]
    [InlineData("""{"model":"assistant","max_tokens":1,"messages":[{"role":"user","content":"hi"}],"tools":[{"type":"web_search_20250305","name":"web_search"}]}""", "tools[0].type")]
    [InlineData("""{"model":"assistant","max_tokens":1,"messages":[{"role":"user","content":"hi"}],"tool_choice":{"type":"any"}}""", "tool_choice")]
    public async Task Wrong_input_is_named_with_its_path(string body, string path)
    {
        var model = ScriptedModel.Saying("hello");
        await using var host = await ApiHost.StartAsync(model);

        using var answer = await host.PostAsync("/v1/messages", body);

        var error = await ErrorAsync(answer, 400, "invalid_request_error");
        Assert.StartsWith($"{path}: ", error);
        Assert.Empty(model.Calls);
    }

    [Fact]
    public async Task A_model_that_is_not_an_agent_is_not_found()
    {
        await using var host = await ApiHost.StartAsync(ScriptedModel.Saying("hello"));

        using var answer = await host.PostAsync("/v1/messages", """{"model":"unknown","max_tokens":1,"messages":[{"role":"user","content":"hi"}]}""");

        Assert.Contains("assistant", await ErrorAsync(answer, 404, "not_found_error"));
    }

    [Fact]
    public async Task A_key_is_read_from_the_header_that_clients_send()
    {
        var server = new ServerConfiguration { Listen = ["http://127.0.0.1:0"], Keys = ["secret"] };
        await using var host = await ApiHost.StartAsync(server);
        const string Body = """{"model":"assistant","max_tokens":1,"messages":[{"role":"user","content":"hi"}]}""";

        using (var refused = await host.PostAsync("/v1/messages", Body)) await ErrorAsync(refused, 401, "authentication_error");
        host.Http.DefaultRequestHeaders.Add("x-api-key", "secret");
        using var taken = await host.PostAsync("/v1/messages", Body);

        Assert.True(taken.IsSuccessStatusCode, await taken.Content.ReadAsStringAsync());
    }

    private static async Task<string> ErrorAsync(HttpResponseMessage answer, int status, string type)
    {
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True((int)answer.StatusCode == status, $"{(int)answer.StatusCode}: {text}");
        var body = await answer.JsonAsync();
        Assert.Equal("error", body.Text("type"));
        Assert.Equal(type, body.GetProperty("error").Text("type"));
        Assert.Equal(answer.Headers.GetValues("request-id").Single(), body.Text("request_id"));
        return body.GetProperty("error").Text("message")!;
    }
}
