package mcp

import (
	"context"
	"encoding/json"
	"strings"

	sdk "github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/tickler-app/tickler/services/mcp/internal/tool"
)

const jsonType = "application/json"

// views are lists that a client can show or attach without a tool.
var views = []struct{ name, title, description, arguments string }{
	{"today", "Today", "What is due today and not yet over, soonest first.", `{"status":"pending","due":"today","limit":200}`},
	{"overdue", "Overdue", "What is past its due date and not completed.", `{"status":"pending","due":"overdue","limit":200}`},
}

// resources adds task://today, task://overdue, and task://{id} for every task.
func resources(server *sdk.Server, tools *tool.Service) {
	for _, v := range views {
		server.AddResource(&sdk.Resource{URI: "task://" + v.name, Name: v.name, Title: v.title, Description: v.description, MIMEType: jsonType},
			func(ctx context.Context, req *sdk.ReadResourceRequest) (*sdk.ReadResourceResult, error) {
				return resource(req.Params.URI, tools.Call(ctx, caller(ctx), "list_tasks", json.RawMessage(v.arguments)))
			})
	}
	server.AddResourceTemplate(&sdk.ResourceTemplate{
		URITemplate: "task://{id}", Name: "task", Title: "Task", Description: "One task, by its id.", MIMEType: jsonType,
	}, func(ctx context.Context, req *sdk.ReadResourceRequest) (*sdk.ReadResourceResult, error) {
		arguments, err := json.Marshal(map[string]string{"task_id": strings.TrimPrefix(req.Params.URI, "task://")})
		if err != nil {
			return nil, err
		}
		return resource(req.Params.URI, tools.Call(ctx, caller(ctx), "get_task", arguments))
	})
}

// resource is a result as the content of a resource.
func resource(uri string, result tool.Result) (*sdk.ReadResourceResult, error) {
	if result.Status != tool.Success {
		if result.Error.Code == "not_found" {
			return nil, sdk.ResourceNotFoundError(uri)
		}
		return nil, failure(result)
	}
	return &sdk.ReadResourceResult{Contents: []*sdk.ResourceContents{{URI: uri, MIMEType: jsonType, Text: string(result.Data)}}}, nil
}
