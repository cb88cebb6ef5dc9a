module github.com/tickler-app/tickler/services/chat

go 1.26.7
