using System.Net;
using System.Text;
using PluginHost.Tests.Api;
using PluginHost.Tests.Engine;

namespace PluginHost.Tests.OpenAI;

/// <summary>Each parameter of a response in a wrong form: the documented error, nothing stored, and the conversation usable afterwards.</summary>
public sealed class ResponseRefusalTests
{
    [Theory]
    [InlineData("""{"model":"assistant"}""", "missing_required_parameter", "input")]
    [InlineData("""{"model":"assistant","input":5}""", "invalid_type", "input")]
    [InlineData("""{"model":"assistant","input":[]}""", "invalid_value", "input")]
    [InlineData("""{"model":"assistant","input":""}""", "invalid_value", "input[0].content")]
    [InlineData("""{"model":5,"input":"x"}""", "invalid_type", "model")]
    [InlineData("""{"model":"assistant","input":"x","nothing":1}""", "unknown_parameter", "nothing")]
    [InlineData("""{"model":"assistant","input":"x","temperature":3}""", "invalid_value", "temperature")]
    [InlineData("""{"model":"assistant","input":"x","temperature":"1"}""", "invalid_type", "temperature")]
    [InlineData("""{"model":"assistant","input":"x","top_p":2}""", "invalid_value", "top_p")]
    [InlineData("""{"model":"assistant","input":"x","max_output_tokens":0}""", "invalid_value", "max_output_tokens")]
    [InlineData("""{"model":"assistant","input":"x","metadata":[]}""", "invalid_type", "metadata")]
    [InlineData("""{"model":"assistant","input":"x","stream":"yes"}""", "invalid_type", "stream")]
    [InlineData("""{"model":"assistant","input":"x","store":1}""", "invalid_type", "store")]
    [InlineData("""{"model":"assistant","input":"x","background":true,"store":false}""", "invalid_value", "background")]
    [InlineData("""{"model":"assistant","input":"x","conversation":"c","previous_response_id":"resp_x"}""", "mutually_exclusive_parameters", "previous_response_id")]
    [InlineData("""{"model":"assistant","input":"x","conversation":5}""", "invalid_type", "conversation")]
    [InlineData("""{"model":"assistant","input":"x","conversation":"a b"}""", "invalid_value", "conversation")]
    [InlineData("""{"model":"assistant","input":"x","previous_response_id":"resp_none"}""", "previous_response_not_found", "previous_response_id")]
    [InlineData("""{"model":"assistant","input":"x","previous_response_id":"../x"}""", "previous_response_not_found", "previous_response_id")]
    [InlineData("""{"model":"assistant","input":"x","tools":[{"type":"web_search"}]}""", "unsupported_parameter", "tools[0].type")]
    [InlineData("""{"model":"assistant","input":"x","tools":[{"type":"function"}]}""", "missing_required_parameter", "tools[0].name")]
    [InlineData("""{"model":"assistant","input":"x","tools":[{"type":"function","name":"a b"}]}""", "invalid_value", "tools[0].name")]
    [InlineData("""{"model":"assistant","input":"x","tools":[{"type":"function","name":"f"},5]}""", "invalid_type", "tools[1]")]
    [InlineData("""{"model":"assistant","input":"x","tool_choice":"always"}""", "invalid_value", "tool_choice")]
    [InlineData("""{"model":"assistant","input":"x","tool_choice":{"type":"function","name":"f"}}""", "invalid_value", "tool_choice.name")]
    [InlineData("""{"model":"assistant","input":"x","tool_choice":{"type":"mcp"}}""", "unsupported_parameter", "tool_choice.type")]
    [InlineData("""{"model":"assistant","input":"x","text":{"format":{"type":"json_schema","name":"n"}}}""", "missing_required_parameter", "text.format.schema")]
    [InlineData("""{"model":"assistant","input":"x","text":{"format":{"type":"xml"}}}""", "invalid_value", "text.format.type")]
    [InlineData("""{"model":"assistant","input":"x","reasoning":{"effort":"much"}}""", "invalid_value", "reasoning.effort")]
    [InlineData("""{"model":"assistant","input":"x","truncation":"some"}""", "invalid_value", "truncation")]
    [InlineData("""{"model":"assistant","input":"x","include":["message.output_text.logprobs"]}""", "unsupported_parameter", "include[0]")]
    [InlineData("""{"model":"assistant","input":"x","top_logprobs":21}""", "invalid_value", "top_logprobs")]
    [InlineData("""{"model":"assistant","input":"x","prompt":{"id":"p"}}""", "unsupported_parameter", "prompt")]
    [InlineData("""{"model":"assistant","input":[{"role":"king","content":"x"}]}""", "invalid_value", "input[0].role")]
    [InlineData("""{"model":"assistant","input":[{"role":"user"}]}""", "missing_required_parameter", "input[0].content")]
    [InlineData("""{"model":"assistant","input":[{"type":"computer_call"}]}""", "unsupported_parameter", "input[0].type")]
    [InlineData("""{"model":"assistant","input":[{"role":"user","content":[{"type":"input_image","image_url":"nowhere"}]}]}""", "invalid_value", "input[0].content[0].image_url")]
    [InlineData("""{"model":"assistant","input":[{"role":"user","content":[{"type":"input_file"}]}]}""", "missing_required_parameter", "input[0].content[0].file_data")]
    [InlineData("""{"model":"assistant","input":[{"type":"function_call_output","call_id":"c","output":"x"}]}""", "invalid_value", "input[0].content")]
    [InlineData("""{"model":"assistant","input":[{"type":"function_call","call_id":"c","name":"f","arguments":"{}"},{"role":"user","content":"x"}]}""", "tool_result_missing", "input")]
    [InlineData("""{"model":"assistant","input":"\ud800"}""", "invalid_value", "input")]
    [InlineData("""{"model":"assistant","input":"x","input":"y"}""", "invalid_value", "input")]
    public async Task A_wrong_parameter_is_named_and_nothing_is_stored(string body, string code, string param)
    {
        var model = ScriptedModel.Saying("ok");
        await using var host = await ApiHost.StartAsync(model);

        await host.RefusedAsync("POST", "/v1/responses", body, 400, code, param);

        Assert.Empty(model.Calls);
        Assert.Equal(0, (await host.CallAsync("GET", "/v1/sessions")).GetProperty("data").GetArrayLength());
    }

    [Fact]
    public async Task An_unknown_model_and_unknown_responses_are_not_found()
    {
        await using var host = await ApiHost.StartAsync();
        await host.RefusedAsync("POST", "/v1/responses", """{"model":"unknown","input":"x"}""", 404, "model_not_found", "model");
        foreach (var (method, path) in new[] { ("GET", ""), ("DELETE", ""), ("POST", "/cancel"), ("GET", "/input_items"), ("GET", "?stream=true") })
            await host.RefusedAsync(method, $"/v1/responses/resp_none{path}", null, 404, "response_not_found", null);
    }

    [Fact]
    public async Task Oversized_and_broken_text_is_refused_and_the_conversation_stays_usable()
    {
        await using var host = await ApiHost.StartAsync(ScriptedModel.Saying("ok"));
        var id = (await host.CallAsync("POST", "/v1/conversations", "{}")).Id();
        var broken = new ByteArrayContent([.. Encoding.UTF8.GetBytes($$"""{"model":"assistant","conversation":"{{id}}","input":"""), (byte)'"', 0xff, (byte)'"', (byte)'}']);
        broken.Headers.ContentType = new("application/json");

        var large = await host.PostAsync("/v1/responses", $$"""{"model":"assistant","conversation":"{{id}}","input":"{{new string('x', 34_000_000)}}"}""");
        var invalid = await host.Http.PostAsync("/v1/responses", broken);
        await host.RespondAsync($$"""{"model":"assistant","conversation":"{{id}}","input":"more"}""");

        Assert.Equal((HttpStatusCode.RequestEntityTooLarge, HttpStatusCode.BadRequest), (large.StatusCode, invalid.StatusCode));
        Assert.Equal(["assistant: ok", "user: more"], (await host.CallAsync("GET", $"/v1/conversations/{id}/items")).Described());
    }
}
