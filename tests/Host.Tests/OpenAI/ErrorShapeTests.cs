using System.Net;
using System.Text.Json;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Engine.Errors;
using PluginHost.Http.Errors;
using PluginHost.OpenAI.Errors;
using PluginHost.Sdk;
using PluginHost.Tests.Api;

namespace PluginHost.Tests.OpenAI;

public sealed class ErrorShapeTests
{
    [Theory]
    [InlineData("GET", "/v1/models/unknown", 404, "model_not_found", "model")]
    [InlineData("GET", "/v1/chat/nothing", 404, "unknown_url", null)]
    [InlineData("POST", "/v1/audio/speech", 404, "unknown_url", null)]
    [InlineData("GET", "/v1/modelsuperb", 404, "unknown_url", null)]
    [InlineData("POST", "/v1/rerank", 404, "unknown_url", null)]
    [InlineData("DELETE", "/v1/models", 405, "method_not_supported", null)]
    public async Task Errors_at_the_paths_of_OpenAIs_clients_have_their_form(string method, string path, int status, string code, string? param)
    {
        await using var host = await ApiHost.StartAsync();

        var answer = await host.SendAsync(new HttpMethod(method), path);

        var error = await answer.OpenAIErrorAsync(status, code);
        Assert.Equal(param, error.GetProperty("param").GetString());
        Assert.Equal("invalid_request_error", error.GetProperty("type").GetString());
        Assert.NotEmpty(answer.Headers.GetValues("x-request-id").Single());
    }

    [Theory]
    [InlineData("/v1/models")]
    [InlineData("/v1/chat/completions")]
    [InlineData("/v1/files")]
    public async Task A_missing_key_is_an_error_in_their_form(string path)
    {
        await using var host = await ApiHost.StartAsync(new ServerConfiguration { Listen = ["http://127.0.0.1:0"], Keys = ["key"] });

        var answer = await host.Http.GetAsync(path);

        await answer.OpenAIErrorAsync(401, "invalid_api_key");
        Assert.Equal("Bearer", answer.Headers.WwwAuthenticate.Single().Scheme);
    }

    [Theory]
    [InlineData("POST", "/chat/completions", "ends in /v1")]
    [InlineData("GET", "/models", "ends in /v1")]
    [InlineData("POST", "/v1/rerank", "POST /v1/chat/completions")]
    public async Task A_path_without_an_endpoint_says_what_to_do(string method, string path, string cure)
    {
        await using var host = await ApiHost.StartAsync();
        var error = await (await host.SendAsync(new HttpMethod(method), path)).OpenAIErrorAsync(404, "unknown_url");
        Assert.Contains(cure, error.GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Paths_of_the_other_interfaces_keep_their_form()
    {
        await using var host = await ApiHost.StartAsync();
        string[] ofOpenAI = ["/v1/chat/", "/v1/responses", "/v1/conversations", "/v1/models", "/v1/embeddings", "/v1/moderations", "/v1/completions"];
        var native = host.Endpoints.Select(e => e.Split(' ')[1]).Where(p => !ofOpenAI.Any(o => p.StartsWith(o, StringComparison.Ordinal))).Append("/v2/sessions").ToList();

        Assert.NotEmpty(native);
        Assert.All(native, path => Assert.False(OpenAIPaths.Contains(path), path));
        Assert.Equal("application/problem+json", (await host.Http.GetAsync("/v1/sessions/none")).Content.Headers.ContentType?.MediaType);
    }

    [Theory]
    [InlineData("transcript-diverged", 409, "transcript_diverged", false)]
    [InlineData("history-changed", 409, "history_changed", false)]
    [InlineData("version-conflict", 409, "version_conflict", true)]
    [InlineData("session-busy", 400, "conversation_locked", true)]
    [InlineData("session-queue-full", 429, "rate_limit_exceeded", true)]
    [InlineData("too-many-sessions", 429, "too_many_sessions", false)]
    [InlineData("idempotency-key-reused", 422, "idempotency_key_reused", false)]
    [InlineData("shutting-down", 503, "shutting_down", true)]
    [InlineData("body-too-large", 413, "body_too_large", true)]
    public void A_problem_has_the_code_that_clients_know(string slug, int expected, string code, bool isRetryable)
    {
        var error = MappedError.From(new Problem(ProblemCatalog.Find(slug), "Why."));
        Assert.Equal((expected, code, isRetryable), (error.Status, error.Error.Code, error.IsRetryable));
    }

    [Fact]
    public void Every_refusal_has_a_status_in_both_interfaces()
    {
        var ofTheServer = new[] { HttpProblemTypes.RequestRefused, ProblemTypes.RunFailed };

        Assert.DoesNotContain(ProblemCatalog.Native.Except(ofTheServer), t => ProblemStatuses.Find(new Problem(t, "Why.")) is null);
        Assert.DoesNotContain(ProblemCatalog.OpenAI, t => MappedError.From(new Problem(t, "Why.")).Status == 500);
    }

    [Theory]
    [InlineData("model_rate_limited", 429, "rate_limit_exceeded", "rate_limit_error")]
    [InlineData("model_request_rejected", 400, "model_request_rejected", "invalid_request_error")]
    [InlineData("model_context_length_exceeded", 400, "context_length_exceeded", "invalid_request_error")]
    [InlineData("model_unauthorized", 502, "model_unauthorized", "server_error")]
    [InlineData("model_timeout", 504, "model_timeout", "server_error")]
    [InlineData("plugin_error", 500, "plugin_error", "server_error")]
    public void A_failed_run_has_a_status_by_which_clients_decide_on_a_retry(string errorType, int status, string code, string type)
    {
        var run = new RunRecord
        {
            Id = "r",
            Session = new SessionKey("default", "s"),
            Agent = "assistant",
            Status = RunStatus.Failed,
            CreatedAt = DateTimeOffset.UnixEpoch,
            Error = new RunError { Type = errorType, Message = "It failed." },
        };

        var error = MappedError.From(Problem.FromFailedRun(run));

        Assert.Equal((status, code, type, "It failed."), (error.Status, error.Error.Code, error.Error.Type, error.Error.Message));
        Assert.Equal(errorType != "model_unauthorized", error.IsRetryable);
    }

    [Fact]
    public void The_message_has_all_errors_of_a_request_and_the_first_gives_parameter_and_code()
    {
        var problem = ProblemException.Invalid(
            new ProblemError("messages[0].role", "The value is not known.", "user, system") { Code = "some_code" },
            new ProblemError("n", "The host does not support this.", "1"));

        var error = MappedError.From(problem.Problem).Error;

        Assert.Equal(("messages[0].role", "some_code"), (error.Param, error.Code));
        Assert.Equal("messages[0].role: The value is not known. Allowed: user, system. n: The host does not support this. Allowed: 1.", error.Message);
    }
}

internal static class OpenAIAnswers
{
    /// <summary>Checks that the answer is an error of OpenAI's form, all members of it, and returns it.</summary>
    public static async Task<JsonElement> OpenAIErrorAsync(this HttpResponseMessage response, int status, string code)
    {
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.StatusCode == (HttpStatusCode)status, $"{(int)response.StatusCode}: {text}");
        Assert.Equal("application/json", response.Content.Headers.ContentType?.MediaType);
        var error = JsonElement.Parse(text).GetProperty("error");
        Assert.Equal(["code", "message", "param", "type"], error.EnumerateObject().Select(p => p.Name).Order());
        Assert.Equal(code, error.GetProperty("code").GetString());
        Assert.NotEqual("", error.GetProperty("message").GetString());
        return error;
    }
}
