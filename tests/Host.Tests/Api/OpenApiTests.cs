using System.Text.Json;

namespace PluginHost.Tests.Api;

public sealed class OpenApiTests : IAsyncLifetime
{
    private ApiHost _host = null!;
    private JsonElement _document;

    public async Task InitializeAsync()
    {
        _host = await ApiHost.StartAsync();
        _document = await (await _host.Http.GetAsync("/openapi/v1.json")).JsonAsync();
    }

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public void The_document_is_OpenAPI_3_1_and_holds_every_call()
    {
        Assert.StartsWith("3.1", _document.GetProperty("openapi").GetString());
        var calls = _document.GetProperty("paths").EnumerateObject()
            .SelectMany(p => p.Value.EnumerateObject().Where(o => o.Name != "parameters").Select(o => $"{o.Name.ToUpperInvariant()} {p.Name}"));
        Assert.Equal(
            [
                "DELETE /v1/sessions/{id}", "DELETE /v1/users/{user}", "GET /health/live", "GET /health/ready", "GET /v1/agents", "GET /v1/agents/{name}", "GET /v1/approvals", "GET /v1/approvals/{id}", "GET /v1/backup", "GET /v1/configuration", "GET /v1/events", "GET /v1/generations", "GET /v1/host", "GET /v1/hosts", "GET /v1/plugins", "GET /v1/runs",
                "GET /v1/sessions", "GET /v1/sessions/{id}", "GET /v1/sessions/{id}/export", "GET /v1/sessions/{id}/messages",
                "GET /v1/sessions/{id}/runs", "GET /v1/sessions/{id}/runs/{run}", "GET /v1/sessions/{id}/runs/{run}/events",
                "GET /v1/sessions/{id}/runs/{run}/explain", "GET /v1/sessions/{id}/runs/{run}/trace", "GET /v1/telemetry", "GET /v1/traces/{id}", "GET /v1/users/{user}", "PATCH /v1/sessions/{id}", "POST /v1/approvals/{id}", "POST /v1/backup", "POST /v1/check", "POST /v1/reload", "POST /v1/runs", "POST /v1/runs/stream", "POST /v1/sessions", "POST /v1/sessions/import",
                "POST /v1/sessions/{id}/explain", "POST /v1/sessions/{id}/fork", "POST /v1/sessions/{id}/replay", "POST /v1/sessions/{id}/runs", "POST /v1/sessions/{id}/runs/stream", "POST /v1/sessions/{id}/runs/{run}/cancel",
                "POST /v1/sessions/{id}/runs/{run}/input",
            ],
            calls.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_run_request_has_its_body_its_answers_and_its_problems()
    {
        var run = Call("post", "/v1/sessions/{id}/runs");
        Assert.Equal("#/components/schemas/RunBody", Schema(run.GetProperty("requestBody"), "application/json"));
        var responses = run.GetProperty("responses");
        Assert.Equal("#/components/schemas/Run", Schema(responses.GetProperty("200"), "application/json"));
        Assert.True(Call("post", "/v1/sessions/{id}/runs/stream").GetProperty("responses").GetProperty("200").GetProperty("content").TryGetProperty("text/event-stream", out _));
        foreach (var status in new[] { "400", "401", "404", "409", "413", "415", "500", "502", "504" })
            Assert.Equal("#/components/schemas/ProblemBody", Schema(responses.GetProperty(status), "application/problem+json"));
        Assert.Contains("id", Parameters(run));
    }

    [Fact]
    public void Lists_declare_their_query() =>
        Assert.Equal(["id", "limit", "order", "after", "before", "include_failed", "run"], Parameters(Call("get", "/v1/sessions/{id}/messages")));

    /// <summary>The document is made by the framework, and the list of fields in an error by the binder, from the same records.</summary>
    [Theory]
    [InlineData("RunBody", "/v1/runs", "", """{"zz":1}""")]
    [InlineData("CreateSessionBody", "/v1/sessions", "", """{"zz":1}""")]
    [InlineData("DecisionBody", "/v1/approvals/apr_x.y", "", """{"zz":1}""")]
    [InlineData("ForkBody", "/v1/sessions/s/fork", "", """{"zz":1}""")]
    [InlineData("RunOptionsBody", "/v1/runs", "options.", """{"input":"x","options":{"zz":1}}""")]
    [InlineData("ToolBody", "/v1/runs", "options.tools[0].", """{"input":"x","options":{"tools":[{"zz":1}]}}""")]
    [InlineData("ResponseFormatBody", "/v1/runs", "options.response_format.", """{"input":"x","options":{"response_format":{"zz":1}}}""")]
    [InlineData("MessageBody", "/v1/runs", "input[0].", """{"input":[{"zz":1}]}""")]
    public async Task The_fields_in_the_document_are_those_that_are_accepted(string schema, string path, string at, string body)
    {
        var problem = await (await _host.PostAsync(path, body)).ProblemAsync(400, "invalid-request");
        var unknown = problem.GetProperty("errors").EnumerateArray().Single(e => e.GetProperty("path").GetString() == $"{at}zz");
        Assert.Equal(Fields(schema).Order(), unknown.GetProperty("allowed").GetString()!.Split(", ").Order());
    }

    [Fact]
    public void Allowed_values_are_listed()
    {
        var role = SchemaOf("MessageBody").GetProperty("properties").GetProperty("role");
        Assert.Equal(["user", "system", "developer", "assistant", "tool"], role.GetProperty("enum").EnumerateArray().Select(v => v.GetString()));
        var input = SchemaOf("RunBody").GetProperty("properties").GetProperty("input").GetProperty("oneOf");
        Assert.Equal(["string", "array"], input.EnumerateArray().Select(s => s.GetProperty("type").GetString()));
        Assert.Equal(["input"], SchemaOf("RunBody").GetProperty("required").EnumerateArray().Select(v => v.GetString()));
    }

    [Fact]
    public void What_a_body_is_held_to_is_in_the_document()
    {
        var body = SchemaOf("CreateSessionBody").GetProperty("properties");
        Assert.Equal((1, 128), Lengths(body.GetProperty("id")));
        Assert.Equal((1, 512), Lengths(body.GetProperty("service_session_id")));
        Assert.Equal(16, body.GetProperty("metadata").GetProperty("maxProperties").GetInt32());
        Assert.Equal("object", body.GetProperty("state").GetProperty("additionalProperties").GetProperty("type").GetString());
        Assert.Equal(128, SchemaOf("RunOptionsBody").GetProperty("properties").GetProperty("tools").GetProperty("maxItems").GetInt32());
        Assert.StartsWith("^[", SchemaOf("ToolBody").GetProperty("properties").GetProperty("name").GetProperty("pattern").GetString());
        foreach (var name in new[] { "RunBody", "RunOptionsBody", "ResponseFormatBody", "MessageBody" })
            Assert.False(SchemaOf(name).GetProperty("additionalProperties").GetBoolean());
    }

    [Fact]
    public void Every_reference_in_the_document_leads_somewhere()
    {
        var names = _document.GetProperty("components").GetProperty("schemas").EnumerateObject().Select(s => s.Name).ToHashSet();
        foreach (var reference in References(_document)) Assert.Contains(reference.Split('/')[^1], names);
        Assert.Superset(new HashSet<string> { "MessageDelta", "ToolStarted", "ToolCompleted", "Session", "RunList", "Message" }, names);
    }

    private JsonElement Call(string method, string path) => _document.GetProperty("paths").GetProperty(path).GetProperty(method);

    private JsonElement SchemaOf(string name) => _document.GetProperty("components").GetProperty("schemas").GetProperty(name);

    private IEnumerable<string> Fields(string schema) => SchemaOf(schema).GetProperty("properties").EnumerateObject().Select(p => p.Name);

    private static (int, int) Lengths(JsonElement schema) => (schema.GetProperty("minLength").GetInt32(), schema.GetProperty("maxLength").GetInt32());

    private static string? Schema(JsonElement part, string contentType) =>
        part.GetProperty("content").GetProperty(contentType).GetProperty("schema").GetProperty("$ref").GetString();

    private static IEnumerable<string?> Parameters(JsonElement call) =>
        call.GetProperty("parameters").EnumerateArray().Select(p => p.GetProperty("name").GetString());

    private static IEnumerable<string> References(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => value.EnumerateObject().SelectMany(p => p.Name == "$ref" ? [p.Value.GetString()!] : References(p.Value)),
        JsonValueKind.Array => value.EnumerateArray().SelectMany(References),
        _ => [],
    };
}
