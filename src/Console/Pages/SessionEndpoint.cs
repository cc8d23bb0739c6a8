using System.Globalization;
using Microsoft.AspNetCore.Http;
using PluginHost.WebConsole.Api;
using PluginHost.WebConsole.Views;

namespace PluginHost.WebConsole.Pages;

/// <summary>Shows a session: its conversation, page by page, and what can be done with it.</summary>
internal static class SessionEndpoint
{
    private const int MessagesOnPage = 50;

    public static Task GetAsync(PageRequest page) => WriteAsync(page, new Draft());

    /// <param name="page">The request.</param>
    /// <param name="draft">What the user has written, when it was refused.</param>
    public static async Task WriteAsync(PageRequest page, Draft draft)
    {
        var id = page.Route("id");
        var before = page.Query("before");
        var path = ApiPath.Session(id);
        var reading = page.Api.GetAsync(path, ApiJson.Default.ApiSession);
        var agents = page.Api.GetAsync("/v1/agents", ApiJson.Default.ApiListApiAgent);
        // Before the messages: those of a run that has ended are all there, and one that ends meanwhile is streamed to its end.
        var runs = before is null ? await FindRunsAsync(page, id, null) : [];
        var listed = (await page.Api.GetAsync(
            ApiPath.WithQuery($"{path}/messages", ("order", "desc"), ("limit", MessagesOnPage.ToString(CultureInfo.InvariantCulture)), ("include_failed", "true"), ("after", before)), ApiJson.Default.ApiListApiMessage)).Value;
        if (before is not null && listed is { Data: [var newest, ..] }) runs = await FindRunsAsync(page, id, newest);
        var session = await reading;
        // The first run of a session creates it when it ends.
        if (session.Value is null && !runs.Any(r => r.IsInProgress || r.IsParked)) throw new ApiException(session.Problem!);
        var conversation = Conversation.From(listed ?? new([], false), runs, before is null);
        await page.WriteAsync<SessionPage>(
            (nameof(SessionPage.Id), id),
            (nameof(SessionPage.Session), session.Value),
            (nameof(SessionPage.Conversation), await CompleteAsync(page, conversation)),
            (nameof(SessionPage.Agents), (await agents).Value?.Data ?? []),
            (nameof(SessionPage.Draft), draft),
            (nameof(SessionPage.IsNewest), before is null),
            (nameof(SessionPage.FirstRun), conversation.Turns.Count == 0 ? await FirstRun.WriteAsync(page, id) : null));
    }

    /// <summary>One message, whole, as text. The address names its run and a message beside it, because the API has no address for one message.</summary>
    public static async Task GetMessageAsync(PageRequest page)
    {
        var (id, message) = (page.Route("id"), page.Route("message"));
        var found = await FindInRunAsync(page, id, message) ?? await FindInListAsync(page, id, message)
            ?? throw new ApiException(new("", "No such message", StatusCodes.Status404NotFound) { Detail = "The session has no such message beside the one that the address names." });
        await page.WriteAsync<MessagePage>((nameof(MessagePage.SessionId), id), (nameof(MessagePage.Message), found));
    }

    private static async Task<ApiMessage?> FindInRunAsync(PageRequest page, string session, string message)
    {
        if (page.Query("run") is not { } run) return null;
        var output = (await page.Api.GetAsync(ApiPath.Run(session, run), ApiJson.Default.ApiRun)).Value?.Output ?? [];
        return output.FirstOrDefault(m => m.Id == message) ?? (await RunEndpoint.ListStoredAsync(page, session, run))?.Data.FirstOrDefault(m => m.Id == message);
    }

    private static async Task<ApiMessage?> FindInListAsync(PageRequest page, string session, string message)
    {
        // The list is read on from the message beside it: from an older one forwards, from a newer one backwards.
        var before = page.Query("before");
        var list = ApiPath.WithQuery(
            $"{ApiPath.Session(session)}/messages", ("order", before is null ? null : "desc"), ("limit", "1"), ("include_failed", "true"), ("after", before ?? page.Query("after")));
        return (await page.Api.GetAsync(list, ApiJson.Default.ApiListApiMessage)).Required.Data.FirstOrDefault(m => m.Id == message);
    }

    private static async Task<IReadOnlyList<ApiRun>> FindRunsAsync(PageRequest page, string session, ApiMessage? newest)
    {
        var until = newest?.CreatedAt?.AddSeconds(1).UtcDateTime.ToString("O", CultureInfo.InvariantCulture);
        var path = ApiPath.WithQuery("/v1/runs", ("session", session), ("limit", "100"), ("until", until));
        return (await page.Api.GetAsync(path, ApiJson.Default.ApiListApiRun)).Value?.Data ?? [];
    }

    /// <summary>Adds what the list of messages does not have: the input of runs in progress, and the approvals of those that wait.</summary>
    private static async Task<Conversation> CompleteAsync(PageRequest page, Conversation conversation)
    {
        var turns = await Task.WhenAll(conversation.Turns.Select(turn => CompleteAsync(page, turn)));
        return conversation with { Turns = turns };
    }

    private static async Task<Turn> CompleteAsync(PageRequest page, Turn turn)
    {
        if (turn.Run is not { } run || !(run.IsInProgress || run.IsParked)) return turn;
        if (turn.Messages.All(m => m.Role != "user")) turn = turn with { Sent = page.Inputs.Find(run.Id) };
        if (!run.IsParked) return turn;
        var whole = await page.Api.GetAsync(ApiPath.Run(run.SessionId, run.Id), ApiJson.Default.ApiRun);
        return whole.Value is null ? turn : turn with { Run = whole.Value, Messages = turn.Messages.Count > 0 ? turn.Messages : whole.Value.Output };
    }
}

/// <summary>What the fields of a session's forms hold when a request was refused.</summary>
public sealed record Draft
{
    public string? Input { get; init; }

    public string? Tools { get; init; }

    public string? State { get; init; }

    public string? Metadata { get; init; }

    /// <summary>The version of the session that state and metadata were written for: they would undo what later ones have.</summary>
    public string? Version { get; init; }

    public string? Agent { get; init; }
}
