using PluginHost.Engine.Errors;

namespace PluginHost.OpenAI.Errors;

/// <summary>The refusals that only OpenAI's interface has.</summary>
internal static class OpenAIProblemTypes
{
    public static readonly ProblemType PreviousResponseNotFound = new("previous-response-not-found", "`previous_response_id` names no stored response");
    public static readonly ProblemType PreviousResponseInProgress = new("previous-response-in-progress", "the previous response has not ended");
    public static readonly ProblemType ResponseNotFound = new("response-not-found", "there is no such response");
    public static readonly ProblemType ResponseNotInBackground = new("response-not-in-background", "only a response in the background can be cancelled");
    public static readonly ProblemType ItemNotFound = new("item-not-found", "there is no such item");

    /// <summary>The same slug for an item in a request's input.</summary>
    public static readonly ProblemType ReferenceNotFound = new("item-not-found", "an item of the input names no stored item");
    public static readonly ProblemType UnsupportedEndpoint = new("unsupported-endpoint", "the host does not have this endpoint");
    public static readonly ProblemType UpgradeRequired = new("upgrade-required", "the path takes WebSockets, or `POST`");
    public static readonly ProblemType ConnectionLimit = new("websocket-connection-limit-reached", "a WebSocket is open for 60 minutes");
    public static readonly ProblemType StreamLimit = new("websocket-stream-limit-reached", "a WebSocket has 32 streams");
    public static readonly ProblemType RunCancelled = new("run-cancelled", "the run was cancelled");
}
