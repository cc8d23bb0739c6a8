using System.Net;
using System.Text.Json;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Tests.Api;
using PluginHost.Tests.OpenAI;

namespace PluginHost.Tests.Access;

/// <summary>Responses, conversations, items, keys and session headers of one tenant mean nothing to another.</summary>
public sealed class OpenAITenantTests
{
    private const string Acme = "a";
    private const string Globex = "g";

    private static readonly ServerConfiguration Server = new()
    {
        Listen = ["http://127.0.0.1:0"],
        Keys = [ApiKey.Create(Acme, "acme", false), ApiKey.Create(Globex, "globex", true)],
    };

    [Fact]
    public async Task Things_of_another_tenant_are_not_found_and_stay_unchanged()
    {
        await using var host = await ApiHost.StartAsync(Server);
        var response = await CallAsync(host, Acme, "POST", "/v1/responses", """{"model":"assistant","input":"a secret of acme","background":true}""");
        var conversation = await CallAsync(host, Acme, "POST", "/v1/conversations", """{"items":[{"role":"user","content":"a secret of acme"}]}""");
        var (r, c) = (response.Id(), conversation.Id());
        await CallAsync(host, Acme, "POST", $"/v1/responses/{r}/cancel");
        var item = (await CallAsync(host, Acme, "GET", $"/v1/conversations/{c}/items")).GetProperty("data")[0].Id();
        var before = await SeenAsync(host, r, c);

        foreach (var (method, path, json) in Calls(r, c, item))
        {
            var foreign = await SendAsync(host, Globex, method, path, json);
            var absent = await SendAsync(host, Globex, method, Other(path), json is null ? null : Other(json));
            Assert.True(foreign.Status is 400 or 404, $"{method} {path} {json}: {foreign.Status} {foreign.Body}");
            Assert.Equal((absent.Status, absent.Body), (foreign.Status, Other(foreign.Body)));
        }

        Assert.Equal(before, await SeenAsync(host, r, c));
        Assert.Empty((await CallAsync(host, Globex, "GET", "/v1/sessions")).GetProperty("data").EnumerateArray());

        string Other(string text) => text.Replace(r, "resp_none").Replace(item, "msg_none").Replace(c, "conv_none");
    }

    [Fact]
    public async Task The_same_session_header_and_the_same_idempotency_key_are_another_session_and_another_run()
    {
        await using var host = await ApiHost.StartAsync(Server);
        const string Chat = """{"model":"assistant","messages":[{"role":"user","content":"a secret of acme"}]}""";
        const string Respond = """{"model":"assistant","input":"a secret of acme"}""";
        var ids = new List<string>();
        foreach (var key in new[] { Acme, Globex })
        {
            using var chat = await host.PostAsync("/v1/chat/completions", key, Chat, ("PluginHost-Session", "shared"), ("Idempotency-Key", "same-chat"));
            using var response = await host.PostAsync("/v1/responses", key, Respond, ("Idempotency-Key", "same-response"));
            ids.AddRange([(await chat.JsonAsync()).Id(), (await response.JsonAsync()).Id()]);
        }

        Assert.Equal(4, ids.Distinct().Count());
        foreach (var key in new[] { Acme, Globex })
            Assert.Equal(2, (await CallAsync(host, key, "GET", "/v1/sessions/shared/messages")).GetProperty("data").GetArrayLength());
    }

    /// <summary>Every call of this interface that takes an id.</summary>
    private static IEnumerable<(string Method, string Path, string? Json)> Calls(string response, string conversation, string item)
    {
        var (one, all) = ($"/v1/responses/{response}", $"/v1/conversations/{conversation}");
        return
        [
            ("GET", one, null), ("GET", $"{one}?stream=true", null), ("GET", $"{one}/input_items", null), ("POST", $"{one}/cancel", null), ("DELETE", one, null),
            ("GET", all, null), ("POST", all, """{"metadata":{"a":"b"}}"""), ("GET", $"{all}/items", null), ("GET", $"{all}/items/{item}", null),
            ("POST", $"{all}/items", """{"items":[{"role":"user","content":"x"}]}"""), ("DELETE", $"{all}/items/{item}", null), ("DELETE", all, null),
            Create($$"""{"model":"assistant","input":"x","previous_response_id":"{{response}}"}"""),
            Create($$"""{"model":"assistant","input":"x","previous_response_id":"{{response}}","store":false}"""),
            Create($$"""{"model":"assistant","input":"x","conversation":"{{conversation}}"}"""),
            Create($$"""{"model":"assistant","input":"x","conversation":"{{conversation}}","store":false}"""),
            Create($$"""{"model":"assistant","input":[{"type":"item_reference","id":"{{item}}"}]}"""),
        ];

        static (string, string, string?) Create(string json) => ("POST", "/v1/responses", json);
    }

    private static async Task<string> SeenAsync(ApiHost host, string response, string conversation) =>
        $"{await CallAsync(host, Acme, "GET", $"/v1/responses/{response}")} {await CallAsync(host, Acme, "GET", $"/v1/conversations/{conversation}")} "
        + await CallAsync(host, Acme, "GET", $"/v1/conversations/{conversation}/items");

    private static async Task<JsonElement> CallAsync(ApiHost host, string key, string method, string path, string? json = null)
    {
        var (status, body) = await SendAsync(host, key, method, path, json);
        Assert.True(status == (int)HttpStatusCode.OK, $"{method} {path}: {status} {body}");
        return JsonElement.Parse(body);
    }

    private static async Task<(int Status, string Body)> SendAsync(ApiHost host, string key, string method, string path, string? json = null)
    {
        using var answer = method == "POST" ? await host.PostAsync(path, key, json) : await host.CallAsync(new HttpMethod(method), path, key);
        return ((int)answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }
}
