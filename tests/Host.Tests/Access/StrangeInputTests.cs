using System.Net;
using System.Text.Json;
using PluginHost.Tests.Api;
using PluginHost.Tests.Engine;

namespace PluginHost.Tests.Access;

/// <summary>What the platform's types refuse is a 400 that names the place, before any model is called and anything is stored.</summary>
public sealed class StrangeInputTests : IAsyncLifetime
{
    private readonly ScriptedModel _model = ScriptedModel.Saying("hello");
    private ApiHost _host = null!;

    public static TheoryData<string> DataUrls => new(
        "data:;base64,eA==", "data:image;base64,eA==", "data:image/;base64,eA==", "data:/png;base64,eA==", "data:image/p ng;base64,eA==", "data:image/png/x;base64,eA==",
        "data:image/\u00e9;base64,eA==", "data: ;base64,eA==", "data:image/png,;base64,eA==", "data:image/@;base64,eA==", "data:,", "data:");

    public async Task InitializeAsync() => _host = await ApiHost.StartAsync(_model);

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Theory]
    [MemberData(nameof(DataUrls))]
    public async Task A_data_url_of_a_bad_media_type_is_refused_with_its_path(string url)
    {
        await RefusedAsync("/v1/chat/completions", $$$"""{"messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"{{{url}}}"}}]}]}""", "messages[0].content[0].image_url.url");
        await RefusedAsync("/v1/responses", $$"""{"input":[{"role":"user","content":[{"type":"input_image","image_url":"{{url}}"}]}]}""", "input[0].content[0].image_url");
        await RefusedAsync("/v1/responses", $$"""{"input":[{"role":"user","content":[{"type":"input_file","file_data":"{{url}}"}]}]}""", "input[0].content[0].file_data");
    }

    [Theory]
    [InlineData("/v1/chat/completions", """{"messages":[{"role":"user","content":[{"type":"file","file":{"file_id":" "}}]}]}""", "messages[0].content[0].file")]
    [InlineData("/v1/responses", """{"input":[{"role":"user","content":[{"type":"input_image","file_id":" "}]}]}""", "input[0].content[0]")]
    public Task What_a_content_of_the_platform_refuses_is_refused_with_its_path(string path, string body, string param) => RefusedAsync(path, body, param);

    [Theory]
    [InlineData("""{\"a\":\"\\ud800\"}""")]
    [InlineData("""{\"\\ud800\":1}""")]
    [InlineData("""{\"a\":[{\"b\":\"\\udc00x\"}]}""")]
    public async Task Arguments_with_broken_escapes_are_refused_with_their_path(string arguments)
    {
        await RefusedAsync(
            "/v1/chat/completions",
            $$$"""{"messages":[{"role":"assistant","tool_calls":[{"id":"c","type":"function","function":{"name":"t","arguments":"{{{arguments}}}"}}]},{"role":"tool","tool_call_id":"c","content":"x"}]}""",
            "messages[0].tool_calls[0].function.arguments");
        await RefusedAsync("/v1/responses", $$"""{"input":[{"type":"function_call","call_id":"c","name":"t","arguments":"{{arguments}}"},{"role":"user","content":"x"}]}""", "input[0].arguments");
    }

    [Theory]
    [InlineData("""{"role":""}""", "messages[0].message")]
    [InlineData("""{"role":"user","contents":{}}""", "messages[0].message")]
    [InlineData("""{"role":"user","contents":[null]}""", "messages[0].message.contents[0]")]
    [InlineData("""{"role":"user","contents":[{"$type":"text","text":"hi"},{"$type":"functionCall"}]}""", "messages[0].message.contents[1]")]
    [InlineData("""{"role":"user","contents":[{"$type":"functionCall","callId":"c"}]}""", "messages[0].message.contents[0]")]
    [InlineData("""{"role":"user","contents":[{"$type":"functionResult"}]}""", "messages[0].message.contents[0]")]
    [InlineData("""{"role":"user","contents":[{"$type":"data"}]}""", "messages[0].message.contents[0]")]
    [InlineData("""{"role":"user","contents":[{"$type":"data","uri":"https://example.com"}]}""", "messages[0].message.contents[0]")]
    [InlineData("""{"role":"user","contents":[{"$type":"uri"}]}""", "messages[0].message.contents[0]")]
    [InlineData("""{"role":"user","contents":[{"$type":"hostedFile"}]}""", "messages[0].message.contents[0]")]
    [InlineData("""{"role":"user","contents":[{"$type":"hostedFile","fileId":" "}]}""", "messages[0].message.contents[0]")]
    public async Task An_import_of_a_content_without_what_it_needs_is_refused_with_its_path(string message, string path)
    {
        var body = $$"""{"type":"session","version":1,"session_id":"s1","messages":[{"id":"m","part":"input","message":{{message}} }]}""";
        var refused = await (await _host.PostAsync("/v1/sessions/import", body)).ProblemAsync(400, "invalid-request");
        Assert.Equal([path], refused.Paths());
        Assert.Equal(HttpStatusCode.NotFound, (await _host.Http.GetAsync("/v1/sessions/s1")).StatusCode);
    }

    private async Task RefusedAsync(string path, string body, string param)
    {
        using var answer = await _host.PostAsync(path, body);
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.StatusCode == HttpStatusCode.BadRequest, $"{(int)answer.StatusCode}: {text}");
        Assert.Equal(param, JsonElement.Parse(text).GetProperty("error").GetProperty("param").GetString());
        Assert.Empty(_model.Calls);
    }
}
