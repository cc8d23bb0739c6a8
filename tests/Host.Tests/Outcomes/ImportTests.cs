using System.Text.Json.Nodes;

namespace PluginHost.Tests.Outcomes;

/// <summary>What a host exports, it imports; an import passes nothing that create and run refuse.</summary>
public sealed class ImportTests
{
    public static TheoryData<string> Stores => OutcomeSetup.Stores;

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task An_export_larger_than_a_body_is_imported_and_what_create_and_run_refuse_is_refused(string store)
    {
        using var setup = new OutcomeSetup(store) { Echo = true, Sessions = """ "MaxMessageBytes": 4194304 """, Server = """ "MaxBodyBytes": 4194304 """ };
        await using var host = await OutcomeHost.StartAsync(setup);
        for (var i = 0; i < 3; i++) (await host.RunAsync("s", new string('x', 1_000_000))).Run("id");
        var export = (await host.GetAsync("/v1/sessions/s/export?messages=true")).Json.GetRawText();
        Assert.InRange(export.Length, 5_000_000, int.MaxValue);

        var copy = JsonNode.Parse(export)!;
        copy["session_id"] = "copy";
        (await host.PostAsync("/v1/sessions/import", copy)).Run("id", 201);
        Assert.Equal(await host.StoredAsync("s"), await host.StoredAsync("copy"));

        await RefusedAsync("metadata", d => d["metadata"] = new JsonObject(Enumerable.Range(0, 17).Select(i => KeyValuePair.Create($"k{i}", (JsonNode?)"v"))));
        await RefusedAsync("metadata.k", d => d["metadata"] = new JsonObject { ["k"] = new string('v', 513) });
        await RefusedAsync("$", d => d["unknown"] = new string('u', 300_000));
        await RefusedAsync("messages[0].message.role", d => d["messages"] = Messages(m => m["role"] = new string('r', 100_000)));
        await RefusedAsync("messages[0].message", d => d["messages"] = Messages(m => m["role"] = " "));
        await RefusedAsync("messages[0].message.contents", d => d["messages"] = Messages(m => m["contents"]![0]!["text"] = new string('t', 4_200_000)));
        await RefusedAsync("messages[0].message", d => d["messages"] = Messages(m => m["authorName"] = new string('a', 9_000_000)));
        foreach (var kind in (string[])["functionCall", "functionResult", "data", "uri", "hostedFile"])
            await RefusedAsync("messages[0].message.contents[0]", d => d["messages"] = Messages(m => m["contents"] = new JsonArray(new JsonObject { ["$type"] = kind })));
        (await host.GetAsync("/v1/sessions/refused")).IsProblem(404, "session-not-found");

        async Task RefusedAsync(string path, Action<JsonObject> change)
        {
            var document = new JsonObject { ["type"] = "session", ["version"] = 1, ["session_id"] = "refused" };
            change(document);
            var answer = await host.PostAsync("/v1/sessions/import", document);
            answer.IsProblem(400, "invalid-request");
            Assert.Equal(path, answer.Json.GetProperty("errors")[0].GetProperty("path").GetString());
        }
    }

    private static JsonArray Messages(Action<JsonObject> change)
    {
        var message = new JsonObject { ["role"] = "user", ["contents"] = new JsonArray(new JsonObject { ["$type"] = "text", ["text"] = "hi" }) };
        change(message);
        return [new JsonObject { ["id"] = "m", ["part"] = "input", ["message"] = message }];
    }
}
