using PluginHost.Engine.Runs.Admission;
using PluginHost.Http;
using PluginHost.Http.Access;
using PluginHost.Http.Binding;
using PluginHost.Http.Description;
using PluginHost.Native.Resources;

namespace PluginHost.Native.Endpoints;

/// <summary>List, read and decide the approvals that runs wait for.</summary>
internal static class ApprovalEndpoints
{
    private const string One = "/v1/approvals/{id}";

    public static void MapApprovals(this IEndpointRouteBuilder routes)
    {
        routes.MapCall("GET", "/v1/approvals", ListAsync, "listApprovals", "Lists the calls that wait for an approval, those of the oldest run first.")
            .Query<ApprovalListParameters>()
            .Gives(200, typeof(ListResource<ApprovalResource>)).Refuses(400);
        routes.MapCall("GET", One, GetAsync, "getApproval", "Reads an approval, with the decision on it.")
            .Gives(200, typeof(ApprovalResource)).Refuses(400, 404);
        routes.MapCall("POST", One, DecideAsync, "decideApproval", "Approves or refuses a call, once. With the last decision its run continues.")
            .Takes(typeof(DecisionBody))
            .WithMetadata(new RequestHeader(IdempotencyHeader.Name, "Makes the request safe to repeat: the same decision with the same key gives the same answer."))
            .Gives(200, typeof(ApprovalResource)).Refuses(400, 404, 409, 413, 415);
    }

    private static async Task ListAsync(HttpContext context)
    {
        var errors = new InputErrors();
        var query = QueryBinder.Bind<ApprovalListParameters>(context, errors);
        errors.ThrowIfAny();
        var page = await context.Service<RunEngine>().ListApprovalsAsync(Tenancy.TenantOf(context), query.After, query.Limit, context.RequestAborted);
        await context.WriteAsync(200, ListResource<ApprovalResource>.From(page, ApprovalResource.From), ApiJson.Default.ListResourceApprovalResource);
    }

    private static async Task GetAsync(HttpContext context)
    {
        var errors = new InputErrors();
        QueryBinder.Bind<NoQuery>(context, errors);
        var id = Tenancy.PathId(context, "id", errors);
        errors.ThrowIfAny();
        await WriteAsync(context, await context.Service<RunEngine>().GetApprovalAsync(Tenancy.TenantOf(context), id, context.RequestAborted));
    }

    private static async Task DecideAsync(HttpContext context)
    {
        var errors = new InputErrors();
        QueryBinder.Bind<NoQuery>(context, errors);
        var id = Tenancy.PathId(context, "id", errors);
        var json = await JsonBody.ReadAsync(context.Request, errors);
        var body = BodyBinder.Bind<DecisionBody>(json, errors);
        var key = IdempotencyHeader.Read(context.Request, json, errors);
        errors.ThrowIfAny();
        var verdict = new ApprovalVerdict(id, body.Approve, body.Reason)
        {
            CallId = body.CallId,
            Arguments = body.Arguments,
            By = Tenancy.CallerName(context),
            Key = key.Key,
        };
        await WriteAsync(context, await context.Service<RunEngine>().DecideAsync(Tenancy.TenantOf(context), verdict, context.RequestAborted));
    }

    private static Task WriteAsync(HttpContext context, FoundApproval found) =>
        context.WriteAsync(200, ApprovalResource.From(found), ApiJson.Default.ApprovalResource);
}
