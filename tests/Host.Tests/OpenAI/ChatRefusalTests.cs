using PluginHost.Tests.Api;
using PluginHost.Tests.Engine;

namespace PluginHost.Tests.OpenAI;

public sealed class ChatRefusalTests : IAsyncLifetime
{
    private const string Path = "/v1/chat/completions";

    private readonly ScriptedModel _model = ScriptedModel.Saying("hello");
    private ApiHost _host = null!;

    public async Task InitializeAsync() => _host = await ApiHost.StartAsync(_model);

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Theory]
    [InlineData("\"n\":2", "n")]
    [InlineData("\"logprobs\":true", "logprobs")]
    [InlineData("\"modalities\":[\"text\",\"audio\"]", "modalities")]
    [InlineData("\"audio\":{\"voice\":\"alloy\",\"format\":\"mp3\"}", "audio")]
    [InlineData("\"web_search_options\":{}", "web_search_options")]
    [InlineData("\"moderation\":{}", "moderation")]
    [InlineData("\"functions\":[{\"name\":\"f\"}]", "functions")]
    [InlineData("\"function_call\":\"auto\"", "function_call")]
    [InlineData("\"tools\":[{\"type\":\"web_search\"}]", "tools[0].type")]
    [InlineData("\"tool_choice\":{\"type\":\"allowed_tools\"}", "tool_choice.type")]
    public Task An_unsupported_parameter_is_refused_by_name(string member, string param) => RefusedAsync(member, "unsupported_parameter", param);

    [Theory]
    [InlineData("\"temperature\":\"hot\"", "invalid_type", "temperature")]
    [InlineData("\"temperature\":3", "invalid_value", "temperature")]
    [InlineData("\"top_p\":2", "invalid_value", "top_p")]
    [InlineData("\"max_tokens\":0", "invalid_value", "max_tokens")]
    [InlineData("\"top_logprobs\":3", "invalid_value", "top_logprobs")]
    [InlineData("\"logprobs\":true,\"top_logprobs\":21", "invalid_value", "top_logprobs")]
    [InlineData("\"n\":0", "invalid_value", "n")]
    [InlineData("\"n\":129", "invalid_value", "n")]
    [InlineData("\"max_tokens\":-2", "invalid_value", "max_tokens")]
    [InlineData("\"max_completion_tokens\":1.5", "invalid_value", "max_completion_tokens")]
    [InlineData("\"frequency_penalty\":-3", "invalid_value", "frequency_penalty")]
    [InlineData("\"seed\":1e30", "invalid_value", "seed")]
    [InlineData("\"stop\":7", "invalid_type", "stop")]
    [InlineData("\"stream\":\"yes\"", "invalid_type", "stream")]
    [InlineData("\"stream_options\":{\"include\":true}", "unknown_parameter", "stream_options.include")]
    [InlineData("\"metadata\":{\"a\":1}", "invalid_type", "metadata.a")]
    [InlineData("\"reasoning_effort\":\"huge\"", "invalid_value", "reasoning_effort")]
    [InlineData("\"response_format\":{\"type\":\"xml\"}", "invalid_value", "response_format.type")]
    [InlineData("\"response_format\":{\"type\":\"json_schema\"}", "missing_required_parameter", "response_format.json_schema")]
    [InlineData("\"tools\":[{\"type\":\"function\"}]", "missing_required_parameter", "tools[0].function")]
    [InlineData("\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"a b\"}}]", "invalid_value", "tools[0].function.name")]
    [InlineData("\"tool_choice\":\"required\"", "invalid_value", "tool_choice")]
    [InlineData("\"tool_choice\":{\"type\":\"function\",\"function\":{\"name\":\"f\"}}", "invalid_value", "tool_choice.function.name")]
    [InlineData("\"colour\":\"red\"", "unknown_parameter", "colour")]
    public Task A_wrong_parameter_is_named(string member, string code, string param) => RefusedAsync(member, code, param);

    [Theory]
    [InlineData("[]", "invalid_value", "messages")]
    [InlineData("\"hi\"", "invalid_type", "messages")]
    [InlineData("[7]", "invalid_type", "messages[0]")]
    [InlineData("[{\"role\":\"pirate\",\"content\":\"x\"}]", "invalid_value", "messages[0].role")]
    [InlineData("[{\"role\":\"function\",\"name\":\"f\",\"content\":\"x\"}]", "unsupported_parameter", "messages[0].role")]
    [InlineData("[{\"role\":\"user\"}]", "missing_required_parameter", "messages[0].content")]
    [InlineData("[{\"role\":\"user\",\"content\":[]}]", "invalid_value", "messages[0].content")]
    [InlineData("[{\"role\":\"system\",\"content\":\"s\"},{\"role\":\"user\",\"content\":\"\"}]", "invalid_value", "messages[1].content")]
    [InlineData("[{\"role\":\"user\",\"content\":\"x\"},{\"role\":\"assistant\",\"content\":\"y\"}]", "invalid_value", "messages[1].role")]
    [InlineData("[{\"role\":\"system\",\"content\":\"s\"},{\"role\":\"tool\",\"tool_call_id\":\"c\",\"content\":\"r\"}]", "invalid_value", "messages[1].content")]
    [InlineData("[{\"role\":\"tool\",\"content\":\"r\"}]", "missing_required_parameter", "messages[0].tool_call_id")]
    [InlineData("[{\"role\":\"user\",\"content\":[{\"type\":\"video\"}]}]", "invalid_value", "messages[0].content[0].type")]
    [InlineData("[{\"role\":\"user\",\"content\":[{\"type\":\"image_url\",\"image_url\":{\"url\":\"file:///etc/passwd\"}}]}]", "invalid_value", "messages[0].content[0].image_url.url")]
    [InlineData("[{\"role\":\"user\",\"content\":[{\"type\":\"file\",\"file\":{\"file_data\":\"data:text/csv;base64,AA==\"}}]}]", "unsupported_parameter", "messages[0].content[0].file.file_data")]
    public Task A_wrong_message_is_named(string messages, string code, string param) => RefusedWholeAsync($$"""{"messages":{{messages}}}""", code, param);

    [Fact]
    public async Task A_call_without_its_output_is_refused()
    {
        const string Body = """
            {"messages":[{"role":"user","content":"x"},{"role":"assistant","content":null,"tool_calls":[{"id":"c","type":"function","function":{"name":"f","arguments":"{}"}}]},
            {"role":"user","content":"more"}]}
            """;
        var error = await (await _host.PostAsync(Path, Body)).OpenAIErrorAsync(400, "tool_result_missing");
        Assert.Equal("messages", error.GetProperty("param").GetString());
        Assert.Empty(_model.Calls);
    }

    [Theory]
    [InlineData("{", "malformed_json")]
    [InlineData("", "malformed_json")]
    [InlineData("[]", "invalid_value")]
    public async Task A_body_that_is_no_object_is_refused(string body, string code) =>
        await (await _host.PostAsync(Path, body)).OpenAIErrorAsync(400, code);

    [Fact]
    public async Task Bytes_that_are_no_text_are_refused()
    {
        using var content = new ByteArrayContent([.. "{\"messages\":[{\"role\":\"user\",\"content\":\""u8, 0xC3, .. "\"}]}"u8]);
        content.Headers.ContentType = new("application/json");
        await (await _host.Http.PostAsync(Path, content)).OpenAIErrorAsync(400, "malformed_json");
    }

    [Theory]
    [InlineData(30_000_000, 200)]
    [InlineData(40_000_000, 413)]
    public async Task A_large_body_is_accepted_up_to_the_limit(int length, int status)
    {
        var answer = await _host.PostAsync(Path, $$"""{"messages":[{"role":"user","content":"{{new string('x', length)}}"}]}""");
        if (status == 200) Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
        else await answer.OpenAIErrorAsync(status, "body_too_large");
        Assert.True((await _host.PostAsync(Path, """{"messages":[{"role":"user","content":"x"}]}""")).IsSuccessStatusCode);
    }

    [Fact]
    public async Task Another_model_than_an_agent_is_not_found()
    {
        var error = await (await _host.PostAsync(Path, """{"model":"gpt-4.1","messages":[{"role":"user","content":"x"}]}""")).OpenAIErrorAsync(404, "model_not_found");
        Assert.Equal("model", error.GetProperty("param").GetString());
        Assert.Contains("assistant", error.GetProperty("message").GetString());
    }

    [Fact]
    public async Task An_invalid_session_id_is_refused()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, Path) { Content = new StringContent("""{"messages":[{"role":"user","content":"x"}]}""", null, "application/json") };
        request.Headers.Add("PluginHost-Session", "a b");
        var error = await (await _host.Http.SendAsync(request)).OpenAIErrorAsync(400, "invalid_value");
        Assert.Equal("PluginHost-Session", error.GetProperty("param").GetString());
    }

    private Task RefusedAsync(string member, string code, string param) =>
        RefusedWholeAsync($$"""{"messages":[{"role":"user","content":"hi"}],{{member}}}""", code, param);

    private async Task RefusedWholeAsync(string body, string code, string param)
    {
        var error = await (await _host.PostAsync(Path, body)).OpenAIErrorAsync(400, code);
        Assert.Equal(param, error.GetProperty("param").GetString());
        Assert.Empty(_model.Calls);
    }
}
